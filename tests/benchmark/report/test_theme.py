import pytest

from benchmark.report.theme import DARK, LIGHT, SERIES, series_colour, variable, with_light_colours


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_light_and_dark_have_the_same_colours():
    assert list(LIGHT) == list(DARK)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "soft", "reference", *SERIES])
def test_what_is_written_in_a_colour_can_be_read_on_paper_and_on_code(theme, name):
    assert contrast(theme[name], theme["paper"]) >= 4.5
    assert contrast(theme[name], theme["band"]) >= 4.5


def test_colours_come_round_again_after_the_last():
    assert series_colour(0) == series_colour(len(SERIES))


def test_a_colour_that_does_not_exist_is_refused():
    with pytest.raises(KeyError):
        variable("pink")


def test_a_picture_file_has_its_colours_written_in():
    assert with_light_colours(f'<path fill="{variable("ink")}"/>') == f'<path fill="{LIGHT["ink"]}"/>'
