"""What people have for years: kin and animals, things and firms, what ails them; and what they have only for now."""

from common.llm.own_words.words import any_of

ILLNESS = any_of(
    (
        r"down's_syndrome parkinson's alzheimer's multiple_sclerosis crohn's lyme_disease hepatitis hiv"
        r" sleep_apno?ea scoliosis"
    ),
    (
        r"osteoporosis (?:bad|dodgy|stiff|weak|fake|artificial)_(?:\w+_)?(?:hips?|legs?|knees?|shoulders?"
        r"|ankles?|wrists?"
        r"|neck|eyes|teeth|stomach)"
    ),
    (
        r"weak_(?:bladder|stomach|lungs|ankles|eyes) an(?:ae|e)mia hernia ulcers? cataracts kidney_(?:disease"
        r"|stones) hay_fever ptsd"
    ),
    (
        "ocd bipolar stammer lisp tremor panic_attacks thyroid_(?:problems?|thing|condition|disease)"
        " sinusitis long_covid fibromyalgia aphantasia"
    ),
    r"allerg\w+ intoleran\w+ asthma diabetes migraines? arthritis epilepsy adhd dyslexia insomnia celiac coeliac",
    "high_blood_pressure high_cholesterol anxiety tinnitus a_pacemaker depression autism eczema vertigo dementia",
    "slipped_disc cancer leukemia psoriasis endometriosis gout lupus glaucoma heart_condition",
    "heart_disease heart_murmur stutter bad_back bad_knees? bad_hip bad_heart weak_heart",
)
HAD = any_of(
    (
        r"triplets stepsons? stepdaughters? half-brothers? half-sisters? godsons? goddaughters? godchild"
        r" godchildren best_friend marriage"
    ),
    (
        r"snakes? lizards? tortoises? turtles? goldfish budgies? canar(?:y|ies) ferrets? guinea_pigs? donkeys?"
        r" pon(?:y|ies) cows"
    ),
    r"sheep pigs alpacas? ducks geese beehives aquarium hens llamas? stables?",
    (
        "drums drum_kit cello trumpet saxophone accordion harp sewing_machine kiln lathe workshop darkroom"
        " tractor trailer kayak"
    ),
    "canoe surfboard sailboat yacht houseboat vineyard orchard food_truck stall salon hotel guesthouse holiday_home",
    "summer_house second_home acres scar implant prosthesis stoma stent insulin_pump metal_plate glass_eye birthmark",
    (
        "black_belt pilot's_licen[cs]e green_card work_permit scholarship patent record_deal newsletter band"
        " sauna loom scooter"
    ),
    "tandem moped",
    r"kids? child children sons? daughters? twins? brothers? sisters? siblings? wife husband girlfriend boyfriend",
    r"partner fianc[eé]e? grandkids grandchild grandchildren grandsons? granddaughters? nephews? nieces? cousins?",
    "uncles? aunts? dogs? cats? puppy puppies kittens? rabbits? horses? parrots? hamsters? chickens goats bees",
    "pets?",
    "tattoos? degree master's masters phd doctorate diploma licen[cs]e house flat apartment cottage cabin farm",
    "garden",
    "boat car van motorbike motorcycle bike piano guitar violin company business shop store bakery restaurant",
    "podcast",
    r"blog channel startup studio citizenship passport accent phobia fear collection roommates? flatmates?",
    r"trees vines hectares telescope greenhouse allotment camper caravan solar_panels mortgage pension",
    r"season_ticket sweet_tooth garage",
    "boys girls newborn teenagers? trucks employees tenants lodgers? shops stores hearing_aids? kidney",
    r"side_business second_job in-laws stepkids stepchildren \w+[_-]year[_-]olds?",
)
COMES_UP = any_of(
    "name names",
    "another appointment bad beer bit break breakfast bus call calls card case chance choice choices client clue",
    "clue_what code coffee cold complaint copy cough couple customer date day days deadline deal different dinner",
    "doubt draft dream drink email emails exam exams favou?r feeling fever few flight fun game gift go good great",
    "guest guests half headache hope hour hours idea idea_what ideas interview issue issues key keys left less list",
    "longer look lot lunch mail match meeting message minute minutes moment more much new nice night number numbers",
    "offer offers one option options other others party pen photo picture pictures plan plans point present problem",
    "problems proper proposal question questions quote race reason reasons request reservation right seat second",
    "slide slides sore suggestion surprise table talk taxi test tests thought ticket tickets time times train try",
    "version visitor visitors wedding week weeks wine word words",
)
"""What somebody has only as it comes up in talk."""
