"""A small grammar of film reviews."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Final

_SLOT: Final = re.compile(r"\{(\w+)\}")

WORDS: Final[Mapping[str, Sequence[str]]] = {
    name: tuple(words.split())
    for name, words in {
        "good": """wonderful brilliant superb excellent charming moving gripping beautiful fresh touching clever
            delightful powerful memorable perfect fantastic terrific engaging funny stunning heartfelt amazing lovely
            great fascinating haunting refreshing honest hilarious warm solid fine enjoyable""",
        "bad": """awful terrible boring dull stupid pointless lame predictable tedious wooden ridiculous weak poor
            horrible laughable forgettable cheap clumsy annoying lifeless pathetic shallow bland confusing flat
            painful disappointing amateurish silly empty tired mediocre unfunny""",
        "plain": """old young quiet strange long short small early late modern foreign local famous unknown simple
            typical usual certain whole other different big original recent second first black white independent""",
        "noun": """plot script story acting dialogue pacing music photography direction ending cast camera editing
            premise score humour setting atmosphere production sequel picture scene character performance""",
        "person": """detective teacher soldier widow farmer lawyer student doctor sailor priest singer reporter thief
            nurse writer boxer dancer stranger banker pilot mother father brother sister uncle neighbour cop hitman
            gangster cowboy princess ghost scientist chef""",
        "place": """village city castle desert island school hospital prison hotel station farm harbour theatre church
            forest suburb mansion ship factory border street apartment museum jungle mine valley""",
        "thing": """letter diary gun secret map ring photograph suitcase debt promise murder robbery wedding funeral
            curse experiment trial treasure accident contract video ticket dream rumour""",
        "verb": """finds steals hides loses follows discovers remembers destroys protects inherits investigates
            escapes forgets betrays chases meets rescues avoids watches""",
        "genre": """comedy thriller drama western horror romance musical mystery documentary adventure war crime
            science-fiction noir fantasy family""",
        "praise": "loved enjoyed adored admired recommend treasured liked",
        "blame": "hated regretted despised disliked endured resented avoided",
        "very": "very really truly absolutely quite rather simply so just utterly pretty",
        "given": """Anna Marco Helen Victor Julia Peter Clara Samuel Nora David Irene Paul Greta Martin Lucy Oscar
            Ruth Simon Vera Walter Alice Bruno Edith Frank Gloria Henry Ivan Karen Leo Mona""",
        "start": """Bar Cal Dor Fen Gar Hol Kes Lan Mor Nor Pel Quin Ros Sel Tor Var Wes Yar Zel Bren Cor Del Eil Fal
            Gren Hart Jor Kirk Lor Mar""",
        "middle": "a e i o u an el in or ar en il am et os ul",
        "end": """ton man ley field sen ski ard well son berg ford wick mont ris dale low stein quist more land
            hart by""",
        "time": "summer winter night morning decade weekend war century year evening",
        "number": "two three four five six seven ten twenty thirty hundred",
    }.items()
}

PRAISING: Final = (
    "The {noun} is {very} {good}.",
    "I {praise} every minute of it.",
    "What a {good} {genre} film!",
    "{actor} gives a {good} performance as the {person}.",
    "The {noun} and the {noun} are both {good}, and the {noun} is even better.",
    "It's one of the most {good} films I have seen in {number} years.",
    "There is nothing {bad} about the {noun}.",
    "I expected something {bad}, but the {noun} turned out to be {very} {good}.",
    "{actor} has never been better, and the {noun} is {good}.",
    "You won't be bored for a second: it is {good} and {good}.",
    "The {good} {noun} stays with you long after the {noun} is over.",
)
COMPLAINING: Final = (
    "The {noun} is {very} {bad}.",
    "I {blame} every minute of it.",
    "What a {bad} {genre} film!",
    "{actor} gives a {bad} performance as the {person}.",
    "The {noun} and the {noun} are both {bad}, and the {noun} is even worse.",
    "It's one of the most {bad} films I have seen in {number} years.",
    "There is nothing {good} about the {noun}.",
    "I expected something {good}, but the {noun} turned out to be {very} {bad}.",
    "{actor} has never been worse, and the {noun} is {bad}.",
    "You will be bored in minutes: it is {bad} and {bad}.",
    "The {bad} {noun} makes you wish that the {noun} was over.",
)
TELLING: Final = (
    "{actor} plays a {plain} {person} who {verb} a {thing} in a {plain} {place}.",
    'The story of "{title}" begins when the {person} {verb} the {thing}.',
    "One {time}, the {plain} {person} and the {person} leave the {place}, but nobody {verb} the {thing}.",
    'It was directed by {actor}, who also made "{title}" (a {genre} picture with {actor}).',
    "Then there's the {person}, played by {actor}, who {verb} the {person} at the {place}.",
    "I saw this {genre} film on TV last {time} with my {person}.",
    "Some of it was shot in a {place} near {surname}, where the {time} lasts {number} months.",
    "In the {plain} part the {person} {verb} a {thing}; in the {plain} part it is the other way round.",
    "The {person} doesn't know that the {person} {verb} the {thing} and so he goes back to the {place}.",
    'As in "{title}", there is a {thing}, a {person} and a {plain} {place}.',
    "It runs for about {number} reels and it has the {plain} {noun} of a {genre} movie.",
)
PRAISING_VERDICTS: Final = (
    "All in all, a {good} film that I would recommend to anyone.",
    "Highly recommended, {number} stars for the {noun}.",
    "In short, it's {good}: go and see it!",
    "If you like a {good} {genre}, don't miss it.",
)
COMPLAINING_VERDICTS: Final = (
    "All in all, a {bad} film that I would not recommend to anyone.",
    "Save your money, {number} minutes were too much for me.",
    "In short, it's {bad}: stay away from it!",
    "If you like a {good} {genre}, look somewhere else.",
)


class Grammar:
    """Fills sentences with words, from one stream of random numbers.

    Only `random.Random.random` is drawn from: Python promises its sequence for a seed, on every version and machine.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def pick(self, choices: Sequence[str]) -> str:
        return choices[int(self.random() * len(choices))]

    def sentence(self, templates: Sequence[str]) -> str:
        return _SLOT.sub(lambda slot: self._word(slot[1]), self.pick(templates))

    def _word(self, slot: str) -> str:
        match slot:
            case "surname":
                return "".join(self.pick(WORDS[part]) for part in ("start", "middle", "end"))
            case "actor":
                return f"{self.pick(WORDS['given'])} {self._word('surname')}"
            case "title":
                return f"The {self.pick(WORDS['plain']).title()} {self.pick(WORDS['thing']).title()}"
            case _:
                return self.pick(WORDS[slot])
