"""Words that give away what a conversation is about in languages that the local encoder does not understand.

Beginnings of words of German, Spanish, French, Italian, Portuguese and Russian, and words of Hindi, Chinese and
Japanese. Few and plain on purpose: two that agree say more than one that is rare.
"""

import re

from common.models.structured import ConversationCategory as C

_WORDS = {
    C.WORK: """
        besprechung kolleg projekt termin abgabe chef büro vorgesetzt reunión colega jefe oficina proyecto entrega
        réunion collègue patron bureau projet livraison riunione colleg capo ufficio progetto consegna reunião chefe
        escritório projeto prazo मीटिंग दफ्तर प्रोजेक्ट बॉस 会议 老板 客户 同事 项目 产品 上班 公司 会議 上司 部長
        同僚 仕事 会社 совещани начальник коллег проект офис работ
    """,
    C.HEALTH: """
        arzt ärzt blutdruck schmerz tablette krankenhaus fieber rezept husten médic dolor hospital fiebre pastilla
        receta tos médecin douleur hôpital fièvre ordonnance medicin dottor dolore ospedale febbre ricetta médico
        dor remédio febre doente sintoma डॉक्टर दवा बुखार खांसी दर्द अस्पताल 医生 医院 药 发烧 咳嗽 疼 病院 薬 痛 熱
        医者 骨 врач больниц боль температур лекарств
    """,
    C.TRAVEL: """
        flug flüge reise urlaub hotel koffer strand reisepass ausflug viaje vuelo maleta playa pasaporte voyage vol
        vols hôtel valise plage passeport vacances viaggio volo voli albergo valigia spiaggia vacanz viagem voo mala
        praia passaporte férias यात्रा होटल टिकट 旅游 旅行 飞机 酒店 机票 火车 飛行機 ホテル 空港 新幹線 путешестви
        отпуск отел билет
    """,
    C.FAMILY: """
        oma opa großmutter großvater mutter vater mama papa familie verwandt geburtstag onkel tante abuel madre
        padre familia tío tía primo hermano cumpleaños grand-mère grand-père mère père famille oncle cousin
        anniversaire nonno nonna mamma papà famiglia zio zia zii cugin nipot compleanno avó avô mãe pai família tio
        aniversário माँ शादी परिवार बहन भाई चाचा मौसी 妈妈 爸爸 家人 奶奶 爷爷 生日 结婚 家族 母 父 祖母 祖父 兄 姉
        誕生日 мам пап бабушк дедушк семь
    """,
    C.EDUCATION: """
        prüfung klausur schule lehrer unterricht studium vorlesung hausaufgabe universität examen profesor clase
        escuela apuntes deberes universidad estudi biblioteca professeur cours école devoirs université étudi esame
        scuola lezion compiti università prova escola aula lição dever परीक्षा स्कूल पढ़ाई शिक्षक 考试 学校 老师
        上课 作业 学习 試験 授業 宿題 大学 экзамен школ урок учител университет
    """,
    C.FINANCE: """
        kredit zinsen konto steuer rechnung sparen überweis hypothek banco préstamo interés cuenta impuesto ahorr
        factura hipoteca banque prêt intérêt compte impôt épargn facture banca prestito interess conto tasse risparm
        fattura mutuo empréstimo juros conta imposto poupança parcela renda बैंक कर्ज पैसे ब्याज 银行 贷款 利息 税
        存款 銀行 ローン 税金 貯金 банк кредит налог счёт
    """,
    C.REAL: """
        wohnung miete vermieter makler kaution umzug apartamento piso alquiler inquilino mudanza casero appartement
        loyer propriétaire caution locataire déménag appartamento affitto inquilin padrone trasloco aluguel imóvel
        mudança किराया मकान फ्लैट 房子 房租 房东 租 买房 家賃 部屋 大家 引っ越し マンション квартир аренд
    """,
    C.MUSIC: """
        konzert lied gitarre klavier band chor singen sänger concierto canción guitarra piano cantante coro concert
        chanson guitare chanteu chorale concerto canzon chitarra pianoforte cantant canção canções violão cantora
        banda disco संगीत गाना गिटार 音乐 唱歌 钢琴 吉他 演唱会 コンサート 曲 歌 ピアノ ギター концерт песн гитар
        музык
    """,
    C.SPORTS: """
        spiel mannschaft tor trainer fußball stürmer torwart partido equipo gol entrenador fútbol portero match
        équipe entraîneur attaquant gardien partita squadra allenatore calcio portiere jogo golo treinador futebol
        goleiro क्रिकेट मैच टीम 比赛 球队 足球 进球 試合 チーム サッカー 野球 матч команд футбол гол
    """,
    C.TECHNOLOGY: """
        software server datenbank programm rechner app fehlermeldung servidor programa ordenador computadora
        aplicación serveur logiciel ordinateur applica programma computer aplicativo computador कंप्यूटर सॉफ्टवेयर
        软件 电脑 程序 服务器 数据库 ソフト パソコン サーバー プログラム программ сервер компьютер
    """,
    C.PARENTING: """
        baby kita kindergarten windel eingewöhn erzieher spielplatz einschlaf kleinkind bebé guardería pañal bébé
        crèche couche bambin asilo
        pannolin creche fralda बच्चा 宝宝 幼儿园 赤ちゃん 保育園 子育て ребён садик
    """,
    C.BUSINESS: """
        umsatz gewinn filiale kunde kunden ventas cliente beneficio tienda negocio bénéfice clientèle magasin ventes
        embauch
        boutique vendite clienti negozio fatturato vendas loja lucro clientes 売上 店舗 利益 销售 利润 прибыл продаж
    """,
    C.POLITICS: """
        wahl regierung partei bundestag kanzler elecci gobierno partido presidente élection gouvernement député
        ministre elezion governo ministro eleição चुनाव सरकार 选举 政府 总统 選挙 首相 выбор правительств
    """,
    C.LEGAL: """
        anwalt gericht vertrag klage abogad juez contrato demanda avocat tribunal contrat procès avvocat tribunale
        contratto advogad juiz वकील अदालत 律师 法院 合同 弁護士 裁判 契約 адвокат суд договор
    """,
    C.WEATHER: """
        wetter regen sturm gewitter lluvia tormenta clima pluie orage météo pioggia temporale meteo chuva tempestade
        बारिश मौसम 天气 下雨 台风 天気 雨 台風 погод дожд
    """,
    C.ENTERTAINMENT: """
        film serie kino schauspieler película actor cine épisode acteur cinéma attore attrice filme série ator
        novela फिल्म 电影 电视剧 演员 映画 ドラマ 俳優 фильм сериал
    """,
}
_UNSPACED = 0x900
"""From here on scripts in which words change at their ends, or are not apart: those are looked for anywhere."""
_BEGINNINGS: dict[C, tuple[str, ...]] = {}
_WITHIN: dict[C, tuple[str, ...]] = {}
for _category, _text in _WORDS.items():
    _BEGINNINGS[_category] = tuple(word for word in _text.split() if ord(word[0]) < _UNSPACED)
    _WITHIN[_category] = tuple(word for word in _text.split() if ord(word[0]) >= _UNSPACED)

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORTEST_BEGINNING = 4


def foreign_theme(text: str) -> C | None:
    """The category that most different words of a text point to; None where none does, or several as much."""
    lowered = text.lower()
    spoken = set(_WORD.findall(lowered))
    found = {
        category: sum(any(_begins(word, beginning) for word in spoken) for beginning in _BEGINNINGS[category])
        + sum(word in lowered for word in _WITHIN[category])
        for category in _WORDS
    }
    best = max(found.values())
    leading = [category for category, count in found.items() if count == best]
    return leading[0] if best and len(leading) == 1 else None


def points_to_theme(word: str) -> bool:
    """Whether a word gives away what a conversation is about."""
    return any(_begins(word, beginning) for beginnings in _BEGINNINGS.values() for beginning in beginnings)


def _begins(word: str, beginning: str) -> bool:
    """A short beginning has to be the whole word: "but" begins "butter"."""
    return word == beginning or (len(beginning) >= _SHORTEST_BEGINNING and word.startswith(beginning))
