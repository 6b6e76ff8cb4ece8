"""Words so small that a text is not found by them, by language; forms as they are compared (lower case).

Short on purpose: a frequent word that is left in costs little, a telling one that is left out is never found.
"""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


STOP_WORDS: dict[str, frozenset[str]] = {
    "en": _listed(
        """a about after again ah all also am an and any are aren't as at be because been before being but by can can't
        cannot could couldn't did didn't do does doesn't doing don't for from get gets getting go goes going gonna got
        had has have haven't having he he'd he'll her hers him his hm how huh i i'd i'll i'm i've if in into is isn't it
        it'll its just let's like me mhm mm my no nor not now of off oh okay on only or our ours out over really said
        say says she she'd she'll should so some such than that the their theirs them then there these they they'd
        they'll they're they've this those through to too uh uhm um up us very was wasn't we we'd we'll we're we've well
        were weren't what when where which while who whom whose why will with won't would wouldn't yeah yes you you'd
        you'll you're you've your yours"""
    ),
    "de": _listed(
        """aber als also am an auch auf aus bei bin bist da dann das dass dein deine dem den denn der des die dies diese
        dieser dieses doch du durch ein eine einem einen einer eines er es euch für hab habe haben hast hat hatte hatten
        ich ihm ihn ihr ihre im in ist ja kann kannst kein keine man mein meine meinen mich mir mit nach nein nicht noch
        nun nur ob oder ohne schon sehr sein seine sich sie sind so über um und uns unser unter vom von vor war waren
        warum was weil welche welcher welches wem wen wenn wer wie wir wird wirst wo wurde zu zum zur ähm"""
    ),
    "es": _listed(
        """a al algo ante aunque como con cual cuando cómo cuándo cuál de del desde donde dónde e el él ella ellas ellos
        en entre era es esa ese eso esta está están este esto estoy fue ha había han has hasta hay he la las le les lo
        los me mi mis mucho muy más ni no nos nosotros o para pero por porque pues que qué quien quién se sea ser si sin
        sobre son soy su sus sí también te tengo ti tiene todo tu tus tú un una uno unos y ya yo"""
    ),
    "fr": _listed(
        """a ai au aux avec avez avons bien c'est ce ces cet cette comme d'un d'une dans de des donc du elle elles en
        est et eu il ils j'ai je l'on la le les leur leurs lui ma mais me mes moi mon n'est ne nos notre nous on ont ou
        où par pas plus pour pourquoi qu'est qu'il qu'on quand que quel quelle quelles quels qui sa sans se ses si son
        sont sur ta te tes toi ton tu un une vos votre vous y à ça était été être"""
    ),
    "it": _listed(
        """a ai al alla anche che chi ci come con cosa da dal dalla dei del della di dove e ed era gli ha hai hanno ho i
        il in io la le lei lo loro lui ma mi mia mio nel nella noi non o per perché più quando quello questa questo se
        sei si sono su sua suo ti tu un una uno è"""
    ),
    "pt": _listed(
        """a ao aos as até com como da das de do dos e ela ele eles em entre era essa esse esta este eu foi há isso já
        mais mas me meu minha muito na nas nem no nos não o onde os ou para pela pelo por porque quando que quem se sem
        ser seu sua são também te tem um uma você é"""
    ),
    "nl": _listed(
        """aan al als bij dan dat de der die dit door een en er had heb hebben heeft het hij hoe ik in is ja je kan maar
        me met mijn naar nee niet nog nu of om onder ons ook op over te toch tot uit van voor waar waarom was wat we
        wel wie wij ze zei zijn zo"""
    ),
}
