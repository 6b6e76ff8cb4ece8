# ruff: noqa: RUF001, SIM905 - letters of other alphabets are what they are; words read better than lists of them
"""How people say what they are called, by language. An apostrophe is always the plain one."""

PHRASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ar": (("اسمي ~", "إسمي ~", "اسمي هو ~", "إسمي هو ~"), ("أنا ~", "انا ~")),
    "bg": (("казвам се ~", "името ми е ~"), ("аз съм ~",)),
    "bn": (("আমার নাম ~",), ("আমি ~",)),
    "ca": (("em dic ~", "el meu nom és ~"), ("soc ~", "sóc ~")),
    "cs": (("jmenuju se ~", "jmenuji se ~", "moje jméno je ~"), ("jsem ~", "já jsem ~")),
    "da": (("jeg hedder ~", "mit navn er ~"), ("jeg er ~",)),
    "de": (("ich heiße ~", "ich heisse ~", "mein name ist ~"), ("ich bin ~", "hier ist ~", "hier spricht ~")),
    "el": (("με λένε ~", "το όνομά μου είναι ~", "ονομάζομαι ~"), ("είμαι ο ~", "είμαι η ~", "είμαι ~")),
    "en": (("my name is ~", "my name's ~"), ("i am ~", "i'm ~", "this is ~ speaking")),
    "es": (("me llamo ~", "mi nombre es ~"), ("soy ~",)),
    "et": (("minu nimi on ~", "mu nimi on ~"), ("mina olen ~", "ma olen ~")),
    "fa": (("اسم من ~", "نام من ~", "اسمم ~"), ("من ~ هستم",)),
    "fi": (("minun nimeni on ~", "mun nimi on ~", "nimeni on ~"), ("minä olen ~", "mä oon ~", "olen ~")),
    "fr": (("je m'appelle ~", "mon nom est ~"), ("je suis ~", "moi c'est ~")),
    "he": (("שמי ~", "שמי הוא ~", "השם שלי ~", "השם שלי הוא ~", "קוראים לי ~"), ("אני ~",)),
    "hi": (("मेरा नाम ~",), ("मैं ~ हूँ", "मैं ~ हूं")),
    "hr": (("zovem se ~", "moje ime je ~"), ("ja sam ~",)),
    "hu": (("a nevem ~", "engem ~ hívnak"), ("~ vagyok", "én ~ vagyok")),
    "id": (("nama saya ~", "nama aku ~", "namaku ~"), ("saya ~", "aku ~")),
    "it": (("mi chiamo ~", "il mio nome è ~"), ("sono ~", "io sono ~")),
    "ja": (
        ("私の名前は~です", "僕の名前は~です", "~と申します"),
        ("私は~です", "僕は~です", "~といいます", "~と言います"),
    ),
    "ko": (
        ("제 이름은 ~입니다", "제 이름은 ~이에요", "제 이름은 ~예요"),
        ("저는 ~입니다", "저는 ~이에요", "저는 ~예요", "~라고 합니다"),
    ),
    "lt": (("mano vardas ~", "mano vardas yra ~"), ("aš esu ~",)),
    "lv": (("mani sauc ~", "mans vārds ir ~"), ("es esmu ~",)),
    "ms": (("nama saya ~",), ("saya ~",)),
    "nl": (("ik heet ~", "mijn naam is ~"), ("ik ben ~", "je spreekt met ~", "u spreekt met ~")),
    "no": (("jeg heter ~", "navnet mitt er ~", "mitt navn er ~"), ("jeg er ~",)),
    "pl": (("nazywam się ~", "mam na imię ~", "moje imię to ~"), ("jestem ~",)),
    "pt": (
        ("meu nome é ~", "o meu nome é ~", "eu me chamo ~", "chamo-me ~", "me chamo ~"),
        ("eu sou ~", "sou o ~", "sou a ~"),
    ),
    "ro": (("mă numesc ~", "mă cheamă ~", "numele meu este ~", "numele meu e ~"), ("eu sunt ~", "sunt ~")),
    "ru": (("меня зовут ~", "моё имя ~", "мое имя ~"), ("я ~", "это ~")),
    "sk": (("volám sa ~", "moje meno je ~"), ("som ~", "ja som ~")),
    "sl": (("ime mi je ~", "moje ime je ~"), ("jaz sem ~",)),
    "sr": (("zovem se ~", "moje ime je ~", "зовем се ~", "моје име је ~"), ("ja sam ~", "ја сам ~")),
    "sv": (("jag heter ~", "mitt namn är ~"), ("jag är ~",)),
    "th": (("ผมชื่อ~", "ฉันชื่อ~", "ดิฉันชื่อ~", "หนูชื่อ~"), ("ผมคือ~", "ฉันคือ~")),
    "tl": (("ang pangalan ko ay ~", "ako si ~", "ako po si ~"), ()),
    "tr": (("benim adım ~", "adım ~", "ismim ~"), ("ben ~",)),
    "uk": (("мене звати ~", "моє ім'я ~"), ("я ~", "це ~")),
    "ur": (("میرا نام ~",), ("میں ~ ہوں",)),
    "vi": (("tên tôi là ~", "tôi tên là ~", "mình tên là ~", "em tên là ~"), ("tôi là ~", "mình là ~")),
    "zh": (("我叫~", "我的名字是~", "我的名字叫~", "我名叫~"), ("我是~",)),
}
"""Per language: phrases that name, then those that say what one is; the name stands where the tilde is."""
ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "bs": "hr", "cmn": "zh", "yue": "zh"}
WITHOUT_SPACES = frozenset({"ja", "ko", "th", "zh"})
NO_NAMES = frozenset(
    "a an the not no yes in on at of from here there what who how well so very just also only really going sorry sure "
    "fine good okay ok happy glad speaking calling back ready done sick tired hungry and but or uh um er eh hm "
    "der die das ein eine nicht kein hier da ja nein so sehr auch nur und oder von aus äh ähm "
    "sie euch dich ihn programm "
    "le la les un une des pas ici là de du et très aussi el los las una no muy aquí y il lo non qui molto e "
    "o os as um uma não aqui muito de het een niet hier heel en ett en inte här är min mitt не нет да вот это и "
    "ist is est es è é nobody unknown spelled "
    "mr mrs ms dr mister miss sir madam prof professor doctor captain herr frau doktor monsieur madame señor señora "
    "signor signora senhor senhora "
    "هو هي ليس ليست ما ماذا لا من كان في على غير نیست چیست چی چه را که در کیا نہیں مت ہے کون "
    "הוא היא לא מה מי על של גם क्या मत नहीं है था कौन भी तो কি কী না নয় নেই কে".split()
)
"""What follows a phrase without being a name, as written in small letters; a title alone says nothing."""
NO_NAMES_UNSPACED = tuple(
    "你 我 他 她 它 不 在 的 是 来自 谁 什么 什麼 甚麼 外卖 外賣 人 了 过 過 没 沒 别人 別人 大家 何 誰 秘密 どこ ここ "
    "무엇 뭐 누구 비밀 อะไร ไม่ ใคร คือ".split()
)
"""The same where there are no blanks: a name does not begin so."""
