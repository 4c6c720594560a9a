"""Small talk is told from questions, in words that are not among those it was fitted on too."""

import pytest

from rag.models.small_talk import SmallTalkDetector

DETECTOR = SmallTalkDetector()


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "thanks 😊",
        "Hello!",
        "ok",
        "ok great thanks",
        "lol",
        "you rock",
        "are you a robot?",
        "never mind",
        "great stuff",
    ],
)
def test_small_talk(text: str) -> None:
    assert DETECTOR.is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "Why?",
        "How many took part?",
        "And in March?",
        "harbour dues",
        "volcano",
        "ticket price of the cable car",
        "Is the museum open?",
        "Who is Ida Orr?",
        "thanks to whom was the abbey saved from the fire of last summer?",
        "Orr",
        "2024",
        "",
    ],
)
def test_a_question_is_no_small_talk(text: str) -> None:
    assert not DETECTOR.is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "Vielen Dank!",
        "hallo",
        "Guten Morgen",
        "Merci beaucoup !",
        "¡Muchas gracias!",
        "buongiorno",
        "Obrigado",
        "dank je wel",
        "спасибо",
        "Как дела?",
        "teşekkürler",
        "شكرا جزيلا",
        "谢谢",
        "你好！",
        "ありがとうございます。",
    ],
)
def test_greetings_and_thanks_in_other_languages(text: str) -> None:
    assert DETECTOR.is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "كم بلغت تكلفة الجسر؟",
        "من هو عمدة المدينة؟",
        "谁是市长？",
        "市長は誰ですか。",
        "кто мэр города",
        "Wo ist das Bad?",
        "wie alt ist er?",
        "où est-elle allée ?",
        "¿y en marzo?",
        "dove abita?",
        "quem morreu?",
        "wie heeft gewonnen?",
        "kim kazandı?",
        "hava nasıl?",
        "πού είναι το λιμάνι;",
        "bald",
    ],
)
def test_a_question_in_another_language_is_no_small_talk(text: str) -> None:
    assert not DETECTOR.is_small_talk(text)
