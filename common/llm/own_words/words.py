"""The words with which people say lasting things of themselves in English, as patterns for the forms."""


def any_of(*listed: str) -> str:
    """A pattern of any of the words in space-separated lists; an underscore stands for a space within one."""
    return f"(?:{'|'.join(word.replace('_', ' ') for each in listed for word in each.split())})"


COUNT = any_of("a an one two three four five six seven eight nine no some the my our another both several many")
FEW = rf"(?:(?:{COUNT}|\d+) (?:[\w-]+ ){{0,4}}|[\w-]+ )?"
"""What stands before a thing: a count with adjectives, or an adjective alone."""
# Objects that say nothing on their own: whoever "loves it" says nothing for good.
SOMETHING = (
    "(?!"
    + any_of(
        "it its that this these those them you your him her his how what when where why everything something",
        "here one",
        "there hearing seeing one being_able to_know to_think to_see to_say to_call to_wait both all_of",
        r"the_idea the_way the_plan the_sound the_fact the_one the_look the_rest the_\w+_one",
        "the_first the_second the_third the_last the_other the_colou?r the_song the_film the_book the_ending",
        "the_start",
        r"the_name the_title the_music the_part the_bit (?:mon|tues|wednes|thurs|fri|satur|sun)day how",
        "today tomorrow tonight first most nobody anybody somebody people",
    )
    + r"\b)\w"
)
NOT_IT = r"(?!the\b|that\b|this\b|it\b|them\b|him\b|her\b)"
"""Before a thing: none that was spoken of already."""
AILING = any_of("allergic intolerant lactose gluten diabetic asthmatic coeliac celiac pregnant epileptic")
FOUNDED = any_of(
    "company business startup shop store bakery restaurant studio practice agency charity club band school"
)
OFFICE = r"\w+(?:er|or|ist|ant|man|woman|head|chair|captain|coach|president)"
TRAIT = any_of(
    "allergic intolerant lactose gluten coeliac celiac vegetarians? vegans? pescatarians? diabetic",
    "asthmatic dyslexic deaf",
    "colou?r_blind colou?r-blind blind autistic separated left-handed right-handed short-sighted short_sighted",
    "near-sighted long-sighted married engaged divorced widowed single pregnant retired unemployed",
    "self-employed",
    "bilingual trilingual fluent originally afraid_of hopeless_at hopeless_with terrible_with awful_with",
    "awful_at scared_of terrified_of fond_of crazy_about obsessed_with",
    "used_to passionate_about interested_in into keen_on good_at terrible_at bad_at good_with bad_with",
    "shy introverted impatient stubborn clumsy forgetful tone-deaf ticklish goalkeeper captain treasurer",
    "on_call paying_off retiring finishing_my doing_my applying_for hard_of_hearing responsible_for in_charge",
    "jewish muslim christian catholic buddhist",
    "hindu atheist religious on_medication on_insulin on_antidepressants on_the_board",
    "on_night_shifts on_shifts more_of",
    "training_for learning studying writing_a writing_my building_a building_my raising restoring renovating",
    "working_as working_at working_for working_in half",
    r"\d+_years (?:twenty|thirty|forty|fifty|sixty|seventy)\b[-_\w]*years?_old",
    "saving_for saving_up_for getting_divorced expecting_a_baby expecting_twins named_after",
    r"expecting_(?:our|my)_\w+_(?:child|baby|kid) working_on_(?:my|a)_(?:phd|thesis|book|novel|album|dissertation)",
    "",
    r"on_(?:blood_thinners|statins|a_diet|a_pension|parental_leave|disability|beta_blockers"
    r"|the_(?:[\w']+_)?(?:team|board|council|committee))",
    r"in_(?:a|the|my)_\w*_?(?:band|choir|club|orchestra|union|army|navy|reserves)",
    r"in_(?:my|the)_\w+_(?:year|semester) in_\w+_grade",
    r"with_the_(?:fire_brigade|fire_department|police|army|navy|coast_guard|red_cross|union|ministry|council)",
    "the_oldest the_youngest the_eldest the_head the_owner the_founder the_manager the_director",
)
FIELD = any_of(
    "marketing sales finance law medicine education construction logistics tech design real_estate insurance",
    "consulting",
    "accounting nursing teaching journalism banking retail hospitality catering farming publishing advertising IT HR",
    "human_resources procurement customer_(?:service|support) psychology biology chemistry physics geology economics",
    "philosophy linguistics engineering architecture theology archaeology social_work childcare forestry aviation",
    "shipping theatre radio television research software pharmacy physiotherapy radiology surgery paediatrics",
    "politics",
)
"""What one works or studies in."""
NO_TRAIT = any_of(
    "bit little lot mess wreck fool idiot few hundred terrible huge day week minute hour second fan_of_it",
    "fan_of_that",
    "couple moron pain burden disaster step genius tad mile victim target long_way customer liar caller",
    "better saint angel devil legend hero monster",
    "star zombie robot king queen pirate prince princess ninja vampire wizard monk hermit dinosaur",
)
A_WHILE = any_of("a_while a_minute a_moment a_bit an_hour")
GETTING = any_of(
    "anxious nervous seasick carsick airsick dizzy migraines hives panicky panic_attacks claustrophobic",
    "headaches nosebleeds hay_fever homesick stage_fright",
)
DEGREE = any_of("terribly extremely badly quite so severely very really highly deathly mildly")
PROPER = r"(?-i:[A-Z])\w+"
PEOPLE = r"(?-i:[A-Z]\w+(?:ese|ish|ian|an|ch|ek|i|se))\b"
LIKING = (
    any_of("like love enjoy hate dislike prefer adore avoid cannot_stand(?!_up) believe_in support collect")
    + "|do not "
    + any_of("like enjoy care_for trust believe_in")
)
DOING = any_of(
    "play coach teach study studied taught majored_in graduated_from graduated_in volunteer manage lead run own",
    "design",
    "breed grow paint write restore build program_in sing_in rent_out represent conduct supervise chair",
)
IDLE = any_of(
    "a_bit a_role games_with around out late into low errands tired old to over back away home down up downhill",
    "uphill off the_first the_next the_last first",
    r"into_\w+ for",
)
ROUTINE = any_of(
    "choose pick prefer go_for drink eat go wake get_up run swim jog take read cook bike cycle walk sleep skip work",
    "start meditate wear use",
    "cry sit watch listen talk call order train travel buy write have exercise fast bake do",
)
EXERCISE = any_of(
    "run swim jog go do walk play cycle meditate cook read train practi[cs]e take drink eat work_out volunteer visit",
    "call ride exercise bake pray attend wake_up get_up sleep go_to_bed meet dance sing paint write",
)
EVERY = any_of(
    r"most (?:every|each)_(?!time\b|step\b|one\b)\w+ twice_a once_a three_times_a four_times_a five_times_a",
    "daily weekly before_work after_work at_night all_the_time constantly regularly",
    (
        "on_(?:mon|tues|wednes|thurs|fri|satur|sun)days for_a_living at_night at_weekends on_weekends"
        " in_the_winter in_the_summer in_the_mornings? in_the_evenings?"
    ),
)
FOR_LONG = (
    r"(?:for|since) (?:\w+ )?(?:\d+|years?|decades?|generations|ages|\w+ (?:years|decades|generations)"
    r"|childhood|college"
    r"|university|school|spring|summer|autumn|winter|(?:a|\w+) months?|i was|(?-i:[A-Z])\w+)"
)
NOT_LONG = any_of("on_hold in_line in_the_queue there thinking meaning trying waiting looking wondering busy sick so")
WHERE = any_of("in on at near with alone by outside next just around downtown across to from back_to up_in")
AS_WHAT = any_of("as at for in with from part full nights remotely freelance")
PASSING = any_of(r"my_own peace the_moment hope it me that this the_consequences the_moment you \w+_times fear")
HABITS_LEFT = any_of("smoking drinking eating coffee alcohol sugar meat my_job my_own an? learning taking studying")
LEFT = any_of("quit stopped gave_up given_up switched_to became become started")
AGE = r"(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[- ]\w+)?|[1-9]\d)"
LIFE = any_of(
    r"become be_an?_(?!minute|bit|while|problem|good|little|long|nice|hard|few|moment|second)\w+ move_to_\w+",
    r"open_(?:an?|my|our)_(?:\w+_)?(?:shop|bar|restaurant|caf[eé]|studio|practice|bakery|school|bookshop"
    r"|gallery|business)",
    "start_(?:my|our)_own found retire emigrate study adopt have_(?:kids|children)",
    "learn_(?!more|how|about|from|that|what) have_an?other_(?:child|baby) train_as work_as run_a_marathon",
    "get_married",
    r"buy_(?:a|an|our|my)_(?:\w+_)?(?:house|flat|farm|boat|apartment|cottage) write_a_(?:\w+_)?(?:book|novel|memoir)",
    r"do_(?:a|my)_(?:phd|master's|masters|doctorate) go_back_to_(?:school|university|college|work) quit_my_job",
)
"""What one plans for years."""
MEDICINE = any_of(
    "blood_thinners insulin statins antidepressants beta_blockers melatonin antihistamines painkillers",
    r"(?:\w+_){0,2}(?:tablets|pills|drops|injections|medication) iron thyroxine cortisone",
    r"vitamin_\w+ (?:tablets|pills|something|drops)_(?:for|against)_\w+",
)
LOST_OR_LEFT = any_of(
    r"lost_my_(?:mother|father|mum|mom|dad|wife|husband|brother|sister|son|daughter|parents|sight|hearing|job)",
    "left_(?:my_job|the_(?:bank|company|firm|army|church|party|police|city))",
    r"quit_(?:my_job|the_\w+_(?:firm|team|band))",
)
SCHOOLED = any_of(
    "phd master's masters bachelor's degree thesis apprenticeship training residency doctorate dissertation",
    "exchange_year",
    "military_service national_service",
)
UNABLE = any_of(
    "read_music swim drive cook sing dance whistle ride smell stand(?!_up) sleep_without sleep_after",
    "live_without do_without function_without work_without think_without",
    "wear touch jump kneel spell see_well see_without hear_on hear_with hear_well eat drink fly",
)
TICS = any_of(
    r"grind_my_teeth snore stutter sleepwalk bite_my_nails commute vote_for_the vote_\w+$ rent$ meditate fast"
)
CRAFT = any_of(
    "bake brew breed build collect compose cook crochet design draw drink eat fix grow hunt import export keep",
    "knit paint",
    "photograph play publish raise read repair restore ride sell sew sing speak study teach train translate",
    "wear write",
    "drive run manufacture install rescue foster",
)
NO_CRAFT = any_of(
    "a an the my your our his her their its this that these those some any no all both it him them you me us one two",
    r"three four five six seven eight nine ten \d+ out up on off over in at to with for from by about away back more",
    "games errands fingers secrets things notes lines plans yours mine nonsense",
)
DUTIES = any_of(
    "press books accounts marketing sales budget garden website social_media cooking finances payroll training",
    "recruiting",
    "archive youth_team bar till bookings newsletter lighting logistics orders repairs",
)
WARES = any_of(
    "furniture jewell?e?ry cheese wine jam music pottery soap candles clothes films videos bread beer honey",
    "instruments",
    "violins cakes toys shoes hats bags baskets knives",
)
AT_LEISURE = any_of(
    "a_lot regularly mostly a_little for_fun for_a_living in_my_spare_time in_my_free_time on_weekends as_a_hobby",
    "to_relax competitively professionally",
)
ALWAYS = any_of("only always usually never often normally typically generally rarely seldom hardly_ever mostly")
TURNED = any_of("really absolutely just do truly also still actually mostly usually always much simply both all")

RELATIVE = r"(?:(?:wife|husband|partner|girlfriend|boyfriend|sister|brother|mother|father)'s )?"
RELATIVE += r"(?:(?:older|younger|little|big|twin|oldest|youngest|eldest|late|baby|middle) )?"
RELATIVE += any_of(
    r"wife husband partner girlfriend boyfriend fianc[eé]e? son daughter brother sister mother mom mum father dad",
    "parents kids children grandmother grandma grandfather grandpa aunt uncle cousin niece nephew",
    "mother-in-law daughter-in-law son-in-law",
    "father-in-law sister-in-law brother-in-law best_friend roommate flatmate boss manager dog cat doctor therapist",
    "dentist landlord eldest oldest youngest ex ex-wife ex-husband family in-laws grandparents",
    "grandson granddaughter godson stepson stepdaughter stepmother stepfather twin",
)
OWN = any_of(
    "mother's_name english german french spanish italian portuguese polish dutch first_love passion goal",
    "personal_best",
    "name first_name last_name surname middle_name nickname birthday hometown blood_type native_language",
    "mother_tongue",
    "first_language shoe_size anniversary job profession hobby hobbies dream_job star_sign nationality pronouns",
    r"allergy favou?rite_[\w_]{2,30}? (?:daughter|son|wife|husband|dog|cat)'s_name",
)
OF_RELATIVES = any_of(
    "works? lives? plays? loves? likes? hates? speaks? study studies teach teaches runs? owns? has have died",
    "comes_from come_from raised fought served founded built grew_up passed_away was_born moved goes_to",
    "go_to attends? was",
    "were used_to cooks suffers collects studied worked taught is are",
)
RELATIVE_IS = (
    r"(?:called|named|an? |\d+|two|three|four|five|six|seven|eight|nine|ten|from |allergic|married|my |pregnant|"
)
RELATIVE_IS += (
    r"retired|deaf|blind|vegan|vegetarian|diabetic|dyslexic|autistic|left-handed|divorced|studying|born |the |"
)
RELATIVE_IS += (
    r"eleven|twelve|\w+teen\b|(?:twen|thir|for|fif|six|seven|eigh|nine)ty\b|at (?:university|school|college)|"
)
RELATIVE_IS += (
    r"in (?:the )?(?:\w+ grade|army|navy|kindergarten|nursery|high school|prison|a wheelchair|a home|year \w+)|"
)
RELATIVE_IS += r"getting (?:married|divorced)|expecting|grown up|moving to|training|living|(?-i:[A-Z]))"

POINTED_AT = (
    r"the (?!"
    + any_of(
        "sea ocean mountains? outdoors beach theatre theater opera cold heat winter summer city countryside",
        "snow rain",
        "forest woods blues smell taste feeling silence quiet water sun dark",
    )
    + r"\b|(?-i:[A-Z]))"
)
"""What is liked where it was pointed at, which says nothing for good."""
