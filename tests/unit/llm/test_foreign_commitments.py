"""In five more languages the plainest promises and requests are tasks; negations, questions and idle ones are not."""

import pytest

from common.llm.extractive.foreign_commitments import find_foreign_commitments


@pytest.mark.parametrize(
    ("language", "text", "task"),
    [
        ("de", "Ich muss noch die Rechnung bezahlen.", "Die Rechnung bezahlen"),
        ("de-CH", "Gut, ich werde morgen den Vermieter anrufen, weil es tropft.", "Morgen den Vermieter anrufen"),
        ("de", "Nicht vergessen: die Blumen gießen.", "Die Blumen gießen"),
        ("es", "Vale, voy a llamar al médico mañana.", "Llamar al médico mañana"),
        ("de", "Ich bringe das Auto morgen in die Werkstatt.", "Das Auto morgen in die Werkstatt bringen"),
        ("de", "Gut, ich rufe den Vermieter am Montag an.", "Den Vermieter am Montag anrufen"),
        ("de", "klar ich bringe morgen gummistiefel mit", "Morgen gummistiefel mitbringen"),
        ("de", "das angebot ist da ich prüfe das angebot bis mittwoch", "Das angebot bis mittwoch prüfen"),
        ("de", "könnten Sie bitte die Unterlagen schicken", "Die Unterlagen schicken"),
        ("es", "yo encargo la tarta mañana, no", "Encargar la tarta mañana"),
        ("fr", "on fait ça, j'appelle la banque demain", "Appeler la banque demain"),
        ("it", "compro il pane domani", "Comprare il pane domani"),
        ("pt", "eu trago o bolo amanhã", "Trazer o bolo amanhã"),
        ("es", "Voy a comprar los vuelos esta semana.", "Comprar los vuelos esta semana"),
        ("es", "Recuérdame comprar pan y leche.", "Comprar pan y leche"),
        ("fr", "Je dois payer la facture demain.", "Payer la facture demain"),
        ("fr", "N'oublie pas de fermer la fenêtre.", "Fermer la fenêtre"),
        ("it", "Devo chiamare il dentista.", "Chiamare il dentista"),
        ("it", "Ricordami di pagare la bolletta.", "Pagare la bolletta"),
        ("pt", "Vou comprar as passagens hoje.", "Comprar as passagens hoje"),
        ("pt-BR", "Preciso ligar para o dentista.", "Ligar para o dentista"),
    ],
)
def test_plain_promises_and_requests(language: str, text: str, task: str) -> None:
    assert find_foreign_commitments(text, language, is_user=True) == [task]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ich muss nicht zum Arzt gehen."),
        ("de", "Wenn ich muss, rufe ich an."),
        ("de", "Ich muss ehrlich sagen, das war gut."),
        ("de", "Ich bringe das Auto immer in die Werkstatt."),
        ("de", "Ich bringe das Auto morgen nicht weg."),
        ("de", "Vielleicht bringe ich das Auto morgen weg."),
        ("de", "Ich hoffe, dass er morgen kommt."),
        ("de", "Ich habe morgen keine Zeit."),
        ("de", "Ich gehe morgen früh nach Hause."),
        ("de", "Ich muss dann los jetzt."),
        ("de", "Bringe ich das Auto morgen weg?"),
        ("es", "no encargo la tarta mañana"),
        ("es", "encargo la tarta"),
        ("es", "creo que viene mañana"),
        ("fr", "j'appelle la banque demain ?"),
        ("es", "No voy a comprar el coche."),
        ("es", "¿Voy a comprar el coche?"),
        ("es", "Voy a ver la tele."),
        ("fr", "Je ne dois pas payer la facture."),
        ("it", "Forse devo chiamare il dentista."),
        ("pt", "Não vou comprar o carro."),
        ("en", "Ich muss noch die Rechnung bezahlen."),
        (None, "Ich muss noch die Rechnung bezahlen."),
        ("ja", "明日電話します。"),
        ("de", ""),
    ],
)
def test_everything_else_is_not(language: str | None, text: str) -> None:
    assert find_foreign_commitments(text, language, is_user=True) == []


def test_what_others_promise_is_theirs_and_what_they_ask_for_is_the_users() -> None:
    assert find_foreign_commitments("Je vais payer la facture.", "fr", is_user=False) == []
    assert find_foreign_commitments("Rappelle-moi de payer la facture.", "fr", is_user=False) == ["Payer la facture"]
