"""English words by what they can be in a title: what comes before a thing, and what is none by itself."""

DETERMINERS = frozenset(
    """
    a an another any both each every her his its my no our some that that's the their these this those what which
    whose your
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
PREPOSITIONS = frozenset(
    """
    about across after against around at before behind below beside between by during for from in inside into like
    near of off on onto out over through under until with within without
    """.split()  # noqa: SIM905 - as above
)
DOERS = frozenset(
    """
    can can't could couldn't did didn't do does doesn't don't gonna gotta he he'd he'll how i i'd i'll i've let
    let's may might must never not please she she'd she'll should shouldn't they they'd they'll they've to wanna we
    we'd we'll we've who will won't would wouldn't you you'd you'll you've
    """.split()  # noqa: SIM905 - as above
)
"""After these somebody does something."""
OBJECTS = frozenset("a an her him his it me my our the their them these this those us you your".split())  # noqa: SIM905 - reads better than a list of strings
"""Before these somebody does something, as a rule."""
JOINTS = frozenset({"of", "for"})
"""What may stand inside a phrase: "price of flights"."""

DOINGS = frozenset(
    """
    crash crush hide push plug stay stays accept add afford agree allow appear applied apply argue arrive ate avoid
    await became become been began begin begins behave belong bite bought break bring brings broke brought build
    built buy call called came can care carried carries carry cares catch caught cause check choose chose chosen
    claim close come comes compare complain confirm consider continue cost costs couldn't cover cried cries cry cut
    cuts decide delay deliver depends deserve die died dies discuss drank drink drive drives drop dropped drove eat
    eats end ends enjoy expect expects explain fail fall falls fear feel feeling feels fell felt fill find fit fix
    flew fly focus follow forget forgets forgot forgotten found gave given gives goes gone grab grew grow grown
    grows guess handle hang happen happened happens hate hates hear heard hears held hit hold holds hope hurt hurts
    imagine improve include invite join kept kill knew knows laid laugh lay lead learn learnt leave left lend let
    lie lies live lives lose loses lost loved loves managed mark matter matters meant meet meets mention met mind
    miss missed move moves need needs offer open opens owe owes owned pass pay pays pick play plays prefer pretend
    prove pull put puts ran reach read realize receive recommend refuse remain remember remind remove repeat replace
    reply rise rises run runs sat saved saw seem seems seen sell send sends sent set share shine show shows shut
    sing sit sits sitting sleep sleeps sold solve sounds speak speaks spend spent spoke stand stands start starts
    stayed stick stood stop stops stuck suggest suppose survive swear taken takes talk talking talks taste taught
    teach tear tells tend thank thinks threw throw told took touch tried tries turn turns understand understood used
    visit wait waiting wake walk walks wants warn wash watch wear wears went win wins wish woke won wonder works
    worries worry wrote written allows asks asking adding being bringing buying calling checking coming cooking
    crying deciding doing eating falling finding finishing getting giving going hanging happening having helping
    hoping keeping killing knowing laughing leaving letting living looking losing making meaning missing moving
    needing paying picking playing putting reaching reading running saying seeing selling sending showing sleeping
    speaking spending standing starting staying stopping taking telling thinking trying turning using wanting
    watching wearing winning wondering working worrying
    """.split()  # noqa: SIM905 - as above
)
"""What is done, and a thing only where it is told like one: "the call"."""
QUALITIES = frozenset(
    """
    able afraid alive alone angry annoying awake aware awesome awful bad basic beautiful best better big black blind
    blue boring brave brief bright brilliant broken brown busy careful cheap cheaper clean clear clever close cold
    cool correct crazy cute damp dark dead deep different difficult dirty double dry dumb dull early easier easy
    empty enormous entire enough exact excellent exciting expensive extra fair false famous far fast favorite
    favourite few final first flat free fresh friendly front full fun funny gentle glad golden good gorgeous great
    green grey half happy hard hardly healthy heavy high higher hilarious honest horrible hot huge hungry ideal
    important impossible insane interesting interested irritated large last late later lazy left less likely little
    local lonely long longer loose loud lovely low lower lucky mad main major massive mean minor moderate natural
    nasty near neat nervous new next nice noisy normal numb obvious odd old older only open orange ordinary original
    other outside own perfect pink plain pleasant polite poor popular possible pretty previous private probable
    proper proud purple quick quiet random rare raw ready real recent red rich ridiculous right risky rough round
    rude sad safe same scared scary second secret serious several shallow sharp short shy sick silly similar simple
    single slow small smart smooth soft sorry sour special specific spicy stable steep stiff straight strange strict
    strong stupid sudden sure sweet swollen tall terrible thick thin third tight tiny tired tough true typical ugly
    unfair unreal upset useful useless usual various warm weak weird wet white whole wide wild wise wonderful worse
    worst worth wrong yellow young younger
    """.split()  # noqa: SIM905 - as above
)
"""What a thing may be: it begins a phrase, and ends none."""
MANNERS = frozenset(
    """
    herself himself itself myself ourselves themselves yourself absolutely actually ago ahead although enough except
    since than whereas almost alright altogether anymore anyone anything anyway anywhere apparently apart aside
    awhile barely basically besides certainly clearly completely currently definitely downstairs easily either else
    especially eventually everyone everything everywhere exactly extremely fairly finally forever forward fully
    generally gladly hardly hence here's honestly hopefully however immediately indeed instead kinda lately
    literally mainly maybe meanwhile merely mostly much namely naturally nearly neither nobody nobody's nowadays
    nowhere obviously occasionally okay onwards otherwise overnight particularly partly perfectly plenty possibly
    practically previously probably properly quickly quietly rarely recently seriously shortly simply slightly
    slowly someone somehow somewhat somewhere sooner specifically strangely suddenly surely thankfully therefore
    there's they'd though thus together totally truly twice typically unfortunately unless unlike upstairs usually
    via whatever whenever wherever whether whichever whole who's yep
    """.split()  # noqa: SIM905 - as above
)
"""How, where and when something is so."""
VAGUE = frozenset(
    """
    afternoon age ages amount anybody april area august babe back ball base bit body bottom boy boys bunch buddy
    bucks case chance change christ clock coach couple course crap dad's date darling day days dear december deal
    dollar dollars dude edge end evening everybody everyone fact february feet few folk folks friday fun gentleman
    gentlemen gosh girl girls god guess guy guys half hand head heck hell help honey hour hours hundred idea inches
    issue january jesus july june kilo kilos kilometers kilometres kind ladies lady last level lines lord lots love
    mam man manner march matter maam meters metres middle midnight miles million minus minute minutes mister moment
    monday money's month months morning names nights night noon november number numbers october opinion others
    overtime pair part parts person piece pieces place plenty plus point points pound pounds problem quarter
    question rest row saturday score second seconds sense september shape side sides sir size someone somebody
    something sort spot spring stuff style sunday term terms thing things thousand thursday time times today top
    tuesday type voice wait way ways wednesday week weekend weeks while word words world year years yesterday zero
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety percent euro euros memo note bet heads
    hint favour favor wow yeah yep lot sec
    """.split()  # noqa: SIM905 - as above
)
"""Things that say nothing about what a talk was about: times, amounts, and words for anything or anybody."""
