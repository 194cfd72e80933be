"""A picture for every product: a tiled ground in the manner of zellige, a medallion, and the thing itself in it.

Everything follows from the product's slug, so the same product always gets the same bytes. The things are drawn in
`demo/shapes.svg`; this module chooses colours, tiles, medallion and layout, and puts the parts together.
"""

from __future__ import annotations

import colorsys
import hashlib
import math
import random
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

SHAPES_FILE = Path(__file__).resolve().parent.parent / "demo" / "shapes.svg"
MAX_BYTES = 4096
# Any text would do; with this one the two most alike of the demo pictures still differ at a glance.
SALT = "medina"


class Palette(NamedTuple):
    """Seven colours that go together: of the wall (`ground`, `tile`), the medallion (`field`, `light`) and the thing."""

    ground: str
    tile: str
    field: str
    a: str
    b: str
    light: str
    dark: str


PALETTES = (
    Palette("#14506b", "#1f6f8b", "#f4e9d3", "#c8553d", "#e9a23b", "#fff6e3", "#22333b"),
    Palette("#7a2e3a", "#963f48", "#f7e7ce", "#2f6f6b", "#d99a2b", "#fff4e0", "#3a1f24"),
    Palette("#2f5d50", "#3f7564", "#f3ead7", "#b5473c", "#e3b23c", "#fdf5e2", "#1f3330"),
    Palette("#d9a441", "#e6b95f", "#fff5de", "#1d5c78", "#b8432f", "#fffaf0", "#3d2a14"),
    Palette("#33406b", "#465690", "#efe6dc", "#d0643f", "#e8b44c", "#fbf4ea", "#1d2440"),
    Palette("#b3543c", "#c66b50", "#f8ead6", "#2b5f75", "#e0a83e", "#fff5e4", "#4a2117"),
    Palette("#4c6b3c", "#62834f", "#f5eed8", "#a63d4f", "#dd9f3d", "#fdf7e6", "#263419"),
    Palette("#5b3a63", "#74507c", "#f3e6dd", "#d48a2c", "#3c7d78", "#fcf2e8", "#2d1b33"),
    Palette("#1b6f72", "#2b8789", "#f7eddb", "#d4593b", "#efbc4f", "#fff7e8", "#10383b"),
    Palette("#c9b08a", "#d6c19f", "#fbf4e6", "#8f3b3b", "#356b6e", "#fffaf1", "#46351f"),
    Palette("#2c3a47", "#3d4f5f", "#ece4d4", "#c24d3f", "#d9a650", "#faf4e8", "#141c24"),
    Palette("#a8405a", "#bf5a72", "#faeade", "#2e5e6e", "#e5a94a", "#fff6ec", "#431626"),
)


def _star(points: int, outer: float, inner: float, turn: float = 0.0) -> str:
    """The path of a star around (0, 0)."""
    corners = []
    for step in range(points * 2):
        radius = outer if step % 2 == 0 else inner
        angle = turn + math.pi * step / points
        corners.append(f"{radius * math.cos(angle):.0f} {radius * math.sin(angle):.0f}")
    return "M" + "L".join(corners) + "Z"


# Tiles are 40 by 40 and repeat in both directions; each leaves most of the ground visible.
TILES = {
    "star": f'<g transform="translate(20 20)"><path d="{_star(8, 17, 12)}"/></g>'
    '<path d="M0 0h5L0 5zM40 0v5L35 0zM0 40v-5L5 40zM40 40h-5L40 35z"/>',
    "diamond": '<path d="M20 2L38 20L20 38L2 20Z M20 11L11 20L20 29L29 20Z" fill-rule="evenodd"/>',
    "scale": '<path d="M0 20A20 20 0 0 1 40 20A20 20 0 0 0 20 0A20 20 0 0 0 0 20ZM10 40A10 10 0 0 1 30 40Z"/>',
    "cross": '<path d="M15 0H25V9L31 15H40V25H31L25 31V40H15V31L9 25H0V15H9L15 9Z"/>',
    "pinwheel": '<path d="M0 0H20V20ZM40 0V20H20ZM40 40H20V20ZM0 40V20H20Z"/>',
    "weave": '<path d="M2 2H18V10H2ZM2 13H18V20H2ZM22 22H38V30H22ZM22 33H38V39H22Z'
    'M24 2H30V18H24ZM33 2H38V18H33ZM4 22H10V38H4ZM13 22H18V38H13Z"/>',
    "petal": '<path d="M20 20Q8 8 20 0Q32 8 20 20ZM20 20Q32 8 40 20Q32 32 20 20Z'
    'M20 20Q32 32 20 40Q8 32 20 20ZM20 20Q8 32 0 20Q8 8 20 20Z"/>',
    "arch": '<path d="M4 40V20Q4 6 20 2Q36 6 36 20V40H28V22Q28 14 20 11Q12 14 12 22V40Z"/>',
}


def _circle(radius: float) -> str:
    return f"M{-radius} 0A{radius} {radius} 0 1 1 {radius} 0A{radius} {radius} 0 1 1 {-radius} 0Z"


def _quatrefoil(size: float) -> str:
    r = size * 0.62
    return f"M{-r} {-r}A{r} {r} 0 0 1 {r} {-r}A{r} {r} 0 0 1 {r} {r}A{r} {r} 0 0 1 {-r} {r}A{r} {r} 0 0 1 {-r} {-r}Z"


def _doorway(size: float) -> str:
    side, foot, spring, bend, tip = (round(size * part) for part in (0.86, 0.98, -0.2, -0.8, -1.12))
    return f"M{-side} {foot}V{spring}Q{-side} {bend} 0 {tip}Q{side} {bend} {side} {spring}V{foot}Z"


# Each takes a size around 130 and answers the outline around (0, 0).
MEDALLIONS: tuple[Callable[[float], str], ...] = (
    _circle,
    _quatrefoil,
    _doorway,
    lambda size: _star(8, size * 1.14, size * 0.95, math.pi / 8),
    lambda size: _star(12, size * 1.1, size * 0.97),
    lambda size: _star(4, size * 1.15, size * 1.15 * math.cos(math.pi / 4) * 1.12, math.pi / 4),
)


@lru_cache(maxsize=1)
def shapes() -> dict[str, str]:
    """The drawings by name, each the inside of one `<symbol>`."""
    text = SHAPES_FILE.read_text(encoding="utf-8")
    return dict(re.findall(r'<symbol id="([a-z]+)">(.*?)</symbol>', text, re.DOTALL))


def picture(slug: str, shape: str) -> bytes:
    """The SVG of the product `slug`, showing `shape`: a few kilobytes, the same for the same arguments."""
    dice = random.Random(hashlib.sha256(f"{SALT} {slug}".encode()).digest())
    colours = _shifted(dice.choice(PALETTES), dice.uniform(-0.045, 0.045))
    if dice.random() < 0.5:
        colours = colours._replace(a=colours.b, b=colours.a)
    wall, cloth = dice.sample(sorted(TILES), 2)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">',
        _style(colours),
        "<defs>",
        _pattern("w", wall, colours.tile, dice.choice((0, 0, 45)), dice.uniform(0.9, 1.5)),
        _pattern("q", cloth, colours.light, dice.choice((0, 45)), dice.uniform(0.3, 0.5)),
        "</defs>",
        f'<path fill="{colours.ground}" d="M0 0H400V400H0Z"/><path fill="url(#w)" d="M0 0H400V400H0Z"/>',
        '<g transform="translate(200 200)">',
        *_medallion(dice, colours),
        "</g>",
        _thing(dice, shape),
        "</svg>\n",
    ]
    return "".join(parts).encode("utf-8")


def _shifted(palette: Palette, turn: float) -> Palette:
    """The palette with every hue turned a little, so that neighbours on a page differ even when they share it."""
    return Palette(*(_turned(colour, turn) for colour in palette))


def _turned(colour: str, turn: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    shifted = colorsys.hls_to_rgb((hue + turn) % 1.0, lightness, saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in shifted)


def _mixed(one: str, other: str) -> str:
    """The colour half-way between two: a pastel of the wall, so that pale things still stand out from the medallion."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{(left + right) // 2:02x}" for left, right in pairs)


def _style(colours: Palette) -> str:
    return (
        f"<style>.a{{fill:{colours.a}}}.b{{fill:{colours.b}}}.c{{fill:{_mixed(colours.tile, colours.light)}}}.d{{fill:{colours.dark}}}"
        ".p{fill:url(#q)}.l,.m{fill:none;stroke-width:6;stroke-linecap:round;stroke-linejoin:round}"
        f".l{{stroke:{colours.dark}}}.m{{stroke:{colours.light};stroke-opacity:.8}}</style>"
    )


def _pattern(name: str, tile: str, colour: str, angle: int, scale: float) -> str:
    opacity = ' fill-opacity=".45"' if name == "q" else ""
    return (
        f'<pattern id="{name}" width="40" height="40" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate({angle}) scale({scale:.2f})"><g fill="{colour}"{opacity}>{TILES[tile]}</g></pattern>'
    )


def _medallion(dice: random.Random, colours: Palette) -> list[str]:
    outline = dice.choice(MEDALLIONS)
    rim = dice.choice((colours.b, colours.dark, colours.a))
    beads = dice.choice((0, 24, 32, 40, 56))
    parts = [
        f'<path fill="{rim}" d="{outline(146)}"/><path fill="{colours.light}" d="{outline(139)}"/>',
        f'<path fill="{colours.field}" d="{outline(132)}"/>',
    ]
    if beads:
        gap = 2 * math.pi * 121 / beads
        parts.append(
            f'<circle r="121" fill="none" stroke="{dice.choice((colours.a, colours.b))}" stroke-opacity=".55"'
            f' stroke-width="{dice.randint(4, 6)}" stroke-linecap="round" stroke-dasharray="0 {gap:.2f}"/>'
        )
    else:
        rays = _star(dice.randint(10, 20), 124, dice.randint(84, 106))
        parts.append(f'<path fill="{colours.b}" fill-opacity=".22" d="{rays}"/>')
    return parts


def _thing(dice: random.Random, shape: str) -> str:
    scale = dice.uniform(1.06, 1.2)
    mirror = dice.choice((1, -1))
    lean = dice.uniform(-4, 4)
    return (
        f'<ellipse cx="200" cy="{202 + 90 * scale:.0f}" rx="{60 * scale:.0f}" ry="8" fill-opacity=".12"/>'
        f'<g transform="translate(200 202) rotate({lean:.1f}) scale({mirror * scale:.3f} {scale:.3f}) translate(-100 -100)">'
        f"{shapes()[shape]}</g>"
    )
