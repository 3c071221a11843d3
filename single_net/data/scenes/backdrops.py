"""What is behind the things of an embedded scene: sky, sun and moon, land, walls, for each theme and mood."""

from __future__ import annotations

import numpy as np
from PIL import Image

from single_net.data.scenes.pen import INK, LAMP, PALETTE, SAMPLES, SIZE, Colour, Pen, dark, light, mix
from single_net.data.scenes.roles import Theme
from single_net.data.scenes.sky import SKIES, TINTS, heavens, paint_sky
from single_net.data.scenes.sprites import GLASS, WOOD


def ridge(pen: Pen, base: float, heights: list[float], colour: Colour, sharp: bool = False) -> None:
    """A line of hills (rounded) or mountains (sharp) across the picture on the height `base`."""
    step = SIZE / (len(heights) - 1)
    if sharp:
        points = [(i * step, base + h) for i, h in enumerate(heights)]
        pen.polygon([(-2, base - 4), *points, (SIZE + 2, base - 4)], colour)
        return
    for i, h in enumerate(heights):
        pen.ellipse(i * step, base - 2, step * 0.95, h, colour)


def trees(pen: Pen, base: float, colour: Colour, rng: np.random.Generator, count: int = 12) -> None:
    for i in range(count):
        u, r = (i + 0.5) * SIZE / count + rng.uniform(-5, 5), rng.uniform(10, 15)
        pen.box(u - 1.6, base - 2, u + 1.6, base + 10, (120, 86, 62))
        pen.dot(u, base + 6 + r, r, mix(colour, (40, 90, 70), 0.25 * rng.random()))


def skyline(pen: Pen, base: float, rng: np.random.Generator, night: bool, tall: float = 70) -> None:
    x = -6.0
    while x < SIZE:
        width, height = rng.uniform(20, 32), rng.uniform(0.55, 1.0) * tall
        wall = mix((124, 138, 164), (186, 176, 178), rng.random())
        pen.box(x, base - 2, x + width, base + height, wall)
        for u in np.arange(x + 4, x + width - 5, 7):
            for v in np.arange(base + 8, base + height - 7, 10):
                lit = rng.random() < (0.55 if night else 0.12)
                pen.box(u, v, u + 4, v + 5.4, LAMP if lit else dark(wall, 0.24) if night else light(GLASS, 0.2))
        x += width + rng.uniform(0, 3)


def beach(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "cliffs":
        pen.polygon([(120, 100), (132, 126), (158, 138), (194, 142), (194, 100)], (158, 138, 122))
        pen.polygon([(132, 126), (158, 138), (194, 142), (194, 134), (160, 130)], (116, 158, 104))
    elif backdrop == "island":
        pen.ellipse(54, 106, 30, 10, (104, 160, 118))
        pen.ellipse(78, 106, 18, 6, (120, 172, 124))
    pen.box(0, 40, SIZE, 106, (64, 158, 204))
    pen.box(0, 96, SIZE, 106, (50, 138, 190))
    for v in (92, 84, 76, 68):
        for u in rng.uniform(0, SIZE, 5):
            pen.line([(u, v), (u + 13, v)], 1.2, (140, 204, 228))
    pen.ellipse(96, 34, 150, 26, FOAM)
    pen.ellipse(96, 31, 152, 26, (226, 198, 146))
    pen.box(0, 0, SIZE, 40, (240, 216, 168))
    pen.ellipse(96, 36, 150, 17, (240, 216, 168))
    for u, v in rng.uniform((2, 2), (190, 42), (26, 2)):
        pen.dot(u, v, 0.8, (220, 190, 138))


FOAM = (232, 244, 248)


def street(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    night = mood == "night"
    if backdrop == "skyscrapers":
        skyline(pen, 62, rng, night, 104)
    else:
        hues = [(226, 150, 118), (236, 204, 142), (150, 184, 190), (206, 140, 140), (172, 192, 150)]
        start = int(rng.integers(5))
        for i in range(4):
            u, top, wall = 48 * i, 118 + 5 * ((i + start) % 3), hues[(i + start) % 5]
            pen.box(u, 60, u + 47, top, wall)
            if backdrop == "houses":
                pen.polygon([(u - 1, top), (u + 48, top), (u + 24, top + 20)], dark(wall, 0.42))
            for column in (8, 28):
                for v in (96,) if backdrop == "shops" else (72, 96):
                    lit = night and rng.random() < 0.6
                    pen.box(u + column - 1, v - 1, u + column + 12, v + 15, (250, 246, 238))
                    pen.box(u + column, v, u + column + 11, v + 14, LAMP if lit else GLASS)
            if backdrop == "shops":
                pen.box(u + 5, 62, u + 42, 82, LAMP if night else (206, 228, 234))
                for k in range(6):
                    pen.box(u + 3 + 7 * k, 82, u + 10 + 7 * k, 90, (250, 248, 242) if k % 2 else dark(wall, 0.3))
    pen.box(0, 48, SIZE, 64, (198, 194, 190))
    pen.box(0, 45, SIZE, 49, (166, 162, 160))
    pen.box(0, 0, SIZE, 46, (106, 110, 122))
    for i in range(5):
        pen.box(8 + 40 * i, 5, 30 + 40 * i, 8, (236, 232, 214))


def farm(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "hills":
        ridge(pen, 84, [24, 36, 20, 34, 26], (126, 178, 128))
    elif backdrop == "orchard":
        trees(pen, 84, (104, 158, 92), rng, 9)
    pen.box(0, 0, SIZE, 88, (136, 186, 98))
    if backdrop == "wheat":
        pen.box(0, 70, SIZE, 90, (232, 196, 96))
        for u in range(0, SIZE, 5):
            pen.line([(u, 72), (u + 1, 88)], 1, (206, 164, 70))
    else:
        pen.ellipse(40, 66, 130, 16, (150, 196, 106))
    _tufts(pen, 66, (108, 160, 80), rng)


def _tufts(pen: Pen, top: float, colour: Colour, rng: np.random.Generator) -> None:
    for u, v in rng.uniform((4, 3), (188, top), (16, 2)):
        for lean in (-2, 0, 2):
            pen.line([(u, v), (u + lean, v + 4)], 0.9, colour)


def snow(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "mountains":
        peaks = [18, 52, 26, 64, 34, 50, 16]
        ridge(pen, 84, peaks, (150, 170, 198), sharp=True)
        for i, h in enumerate(peaks):
            if h > 40:
                u = i * SIZE / 6
                pen.polygon(
                    [
                        (u, 84 + h),
                        (u - 9, 84 + h - 13),
                        (u - 3, 84 + h - 10),
                        (u + 2, 84 + h - 14),
                        (u + 9, 84 + h - 12),
                    ],
                    (248, 250, 254),
                )
    elif backdrop == "firs":
        for i in range(13):
            u, h = i * 16 + rng.uniform(-4, 4), rng.uniform(24, 38)
            pen.polygon([(u - 9, 80), (u + 9, 80), (u, 82 + h)], (84, 124, 122))
            pen.polygon([(u, 82 + h), (u - 4, 82 + h * 0.55), (u + 4, 82 + h * 0.55)], (240, 246, 250))
    else:
        ridge(pen, 82, [26, 38, 22, 34, 28], (214, 226, 240))
    pen.box(0, 0, SIZE, 84, (240, 245, 251))
    pen.ellipse(150, 52, 120, 24, (228, 237, 248))
    pen.ellipse(30, 26, 120, 20, (248, 251, 254))


def forest(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    haze = {"foggy": (206, 216, 210), "sunset": (226, 178, 120)}.get(mood, (150, 190, 140))
    pen.box(0, 60, SIZE, SIZE, mix(haze, (96, 140, 104), 0.25))
    for share in (0.3, 0.75):
        for u in np.arange(4, SIZE, 27 if share < 0.5 else 40):
            u = u + rng.uniform(-7, 7)
            trunk = (112, 88, 72) if backdrop != "birches" else (238, 236, 228)
            trunk, width = mix(haze, trunk, share), 3 + 3.4 * share
            pen.box(u - width, 58, u + width, SIZE, trunk)
            if backdrop == "birches":
                for v in rng.uniform(66, 170, 6):
                    pen.line([(u - width + 1, v), (u, v)], 1.5, mix(haze, INK, share))
        for u in np.arange(0, SIZE + 20, 24):
            leaf = (206, 132, 62) if mood == "sunset" else (76, 136, 84)
            pen.dot(u + rng.uniform(-6, 6), SIZE - 6 + 12 * (1 - share), 22, mix(haze, leaf, 0.4 + 0.6 * share))
    pen.box(0, 0, SIZE, 62, (142, 150, 84) if mood != "sunset" else (178, 138, 84))
    pen.ellipse(60, 60, 120, 9, (122, 140, 78) if mood != "sunset" else (164, 124, 74))
    if backdrop == "stream":
        pen.polygon(
            [(-2, 62), (-2, 52), (70, 56), (120, 60), (194, 56), (194, 66), (120, 68), (60, 64)], (120, 188, 212)
        )
    _tufts(pen, 56, (96, 124, 62), rng)


def park(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "city":
        skyline(pen, 84, rng, False, 54)
    trees(pen, 84, (104, 168, 92), rng, 14 if backdrop == "trees" else 7)
    pen.box(0, 0, SIZE, 90, (142, 200, 104))
    if backdrop == "pond":
        pen.ellipse(128, 76, 58, 9, (204, 216, 176))
        pen.ellipse(128, 76, 54, 7.4, (110, 188, 220))
    elif backdrop == "path":
        pen.polygon(
            [(60, -2), (120, -2), (112, 40), (140, 70), (128, 88), (122, 88), (126, 70), (84, 40)], (232, 214, 176)
        )
    _tufts(pen, 70, (112, 172, 82), rng)
    for u, v in rng.uniform((4, 4), (188, 66), (9, 2)):
        pen.dot(u, v, 1.4, (252, 248, 232))


def _room(pen: Pen, wall: Colour, floor: Colour) -> None:
    pen.box(0, 0, SIZE, SIZE, wall)
    pen.box(0, 0, SIZE, 56, floor)
    for i, v in enumerate((14, 29, 43)):
        pen.line([(0, v), (SIZE, v)], 1, dark(floor, 0.14))
        for u in range(20 + 30 * (i % 2), SIZE, 60):
            pen.line([(u, v), (u, v + 14)], 1, dark(floor, 0.14))
    pen.box(0, 54, SIZE, 59, light(wall, 0.6))


def _window(pen: Pen, x: float, y: float, mood: str, curtain: Colour | None = None) -> None:
    glass = LAMP if mood == "lit" else SKIES[mood][0] if mood == "evening" else (176, 220, 244)
    pen.box(x - 22, y, x + 22, y + 46, (250, 248, 242))
    pen.box(x - 19, y + 3, x + 19, y + 43, glass)
    if mood == "evening":
        pen.dot(x + 9, y + 32, 5, LAMP)
    else:
        pen.ellipse(x - 6, y + 8, 16, 8, (140, 196, 132))
    pen.box(x - 1.2, y, x + 1.2, y + 46, (250, 248, 242))
    pen.box(x - 20, y + 22, x + 20, y + 24.4, (250, 248, 242))
    if curtain:
        for side in (-1, 1):
            pen.polygon(
                [
                    (x + side * 30, y + 50),
                    (x + side * 8, y + 50),
                    (x + side * 20, y + 26),
                    (x + side * 18, y - 6),
                    (x + side * 30, y - 6),
                ],
                curtain,
            )
        pen.line([(x - 34, y + 50), (x + 34, y + 50)], 2.4, WOOD)


def kitchen(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    wall = [(246, 226, 186), (206, 228, 220), (244, 214, 200), (220, 226, 238)][int(rng.integers(4))]
    _room(pen, wall, (206, 170, 132))
    if backdrop == "tiles":
        for row in range(8):
            for column in range(13):
                pen.box(1 + 15 * column, 60 + 10 * row, 14.6 + 15 * column, 68.6 + 10 * row, light(wall, 0.55))
    _window(pen, 96, 134, mood)
    if backdrop == "cupboards":
        for u in (4, 34, 126, 158):
            pen.box(u, 136, u + 28, 178, (190, 140, 96))
            pen.box(u + 3, 139, u + 25, 175, (206, 158, 114))
            pen.dot(u + 22, 146, 1.6, INK)
    elif backdrop == "shelf":
        for u in (8, 130):
            pen.box(u, 140, u + 54, 144, WOOD)
            for k in range(4):
                jar = PALETTE[("turquoise", "red", "yellow", "green")[k]]
                pen.box(u + 4 + 12 * k, 144, u + 13 + 12 * k, 156 + 3 * (k % 2), mix(jar, (240, 234, 224), 0.35), 1)


def living_room(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    wall = [(236, 214, 178), (190, 212, 204), (226, 196, 186), (200, 208, 226)][int(rng.integers(4))]
    _room(pen, wall, (188, 146, 108))
    x = float(rng.choice([54, 96, 138]))
    if backdrop == "painting":
        pen.box(x - 30, 124, x + 30, 168, (166, 118, 70))
        pen.box(x - 26, 128, x + 26, 164, (196, 222, 236))
        pen.polygon(
            [(x - 26, 128), (x - 26, 136), (x - 8, 152), (x + 6, 138), (x + 16, 146), (x + 26, 136), (x + 26, 128)],
            (110, 154, 126),
        )
        pen.dot(x + 15, 156, 4, (244, 196, 96))
    else:
        _window(pen, x, 120, mood, (196, 92, 84) if backdrop == "curtains" else None)


def harbour(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "mountains":
        ridge(pen, 100, [16, 40, 24, 46, 22, 34, 12], (122, 144, 170), sharp=True)
    elif backdrop == "town":
        hues = [(232, 150, 112), (242, 212, 140), (236, 236, 226), (150, 190, 196), (214, 120, 112)]
        for i in range(12):
            u, h, wall = 16 * i, 14 + 12 * rng.random(), hues[int(rng.integers(5))]
            pen.box(u, 100, u + 15.4, 104 + h, wall)
            pen.polygon([(u - 1, 104 + h), (u + 16.4, 104 + h), (u + 8, 113 + h)], (170, 84, 68))
            pen.box(u + 5, 106, u + 10, 113, LAMP if mood == "night" else dark(wall, 0.35))
    else:
        for u in (48, 144):
            pen.box(u - 3, 100, u + 3, 146, (176, 84, 70))
            for k in range(1, 5):
                for side in (-1, 1):
                    pen.line([(u, 145), (u + side * 11 * k, 116)], 0.8, (176, 84, 70))
        pen.box(0, 112, SIZE, 117, (150, 70, 62))
    storm = mood == "stormy"
    water = (88, 116, 136) if storm else (58, 140, 184)
    pen.box(0, 0, SIZE, 104, water)
    for v in range(6, 104, 9):
        for u in rng.uniform(-8, SIZE, 4):
            pen.line([(u, v), (u + 6, v + (2.6 if storm else 0.8)), (u + 14, v)], 1.3, light(water, 0.3))


def savanna(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "mountain":
        pen.polygon([(20, 84), (78, 128), (104, 128), (168, 84)], (150, 146, 168))
        pen.polygon([(68, 120), (78, 128), (104, 128), (116, 119), (100, 122), (90, 117), (80, 122)], (244, 244, 248))
    pen.box(0, 0, SIZE, 88, (222, 184, 104))
    pen.ellipse(150, 76, 120, 12, (206, 166, 90))
    for u in rng.uniform(4, 188, 6):
        pen.ellipse(u, 88, 9, 4, (142, 150, 86))
    if backdrop == "waterhole":
        pen.ellipse(84, 72, 56, 8, (190, 150, 88))
        pen.ellipse(84, 72, 51, 6.4, (120, 180, 206))
    for u, v in rng.uniform((4, 3), (188, 70), (20, 2)):
        for lean in (-3, 0, 3):
            pen.line([(u, v), (u + lean, v + 6)], 0.9, (182, 138, 66))


def underwater(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    pen.ellipse(40, 22, 120, 14, (196, 184, 140))
    pen.box(0, 0, SIZE, 24, (214, 198, 150))
    if backdrop == "rocks":
        for u, r in ((18, 30), (52, 20), (176, 34), (146, 18)):
            pen.ellipse(u, 22, r, r * 1.2, (88, 112, 140))
    elif backdrop == "wreck":
        pen.polygon([(60, 24), (70, 58), (176, 72), (186, 60), (166, 22)], (92, 78, 84))
        pen.line([(116, 62), (104, 118)], 4, (92, 78, 84))
        pen.line([(92, 96), (124, 102)], 2.6, (92, 78, 84))
        for u in (92, 116, 140):
            pen.dot(u, 48, 5, (54, 52, 70))
    else:
        for u in (12, 34, 60, 120, 150, 178):
            height, lean = rng.uniform(40, 84), rng.uniform(-6, 6)
            points = [(u + 5 * np.sin(0.9 * k + u) + lean * k / 9, 12 + height * k / 11) for k in range(12)]
            pen.line(points, 5, (44, 140, 104))
            pen.line([(p + 9, q * 0.7) for p, q in points], 4, (58, 160, 112))
    for u, v in rng.uniform((6, 60), (186, 186), (14, 2)):
        pen.ring(u, v, 2 + 2 * rng.random(), 0.9, (190, 228, 240))


PAINTERS = {
    "beach": beach,
    "street": street,
    "farm": farm,
    "kitchen": kitchen,
    "snow": snow,
    "forest": forest,
    "park": park,
    "living room": living_room,
    "harbour": harbour,
    "savanna": savanna,
    "underwater": underwater,
}


def paint_backdrop(canvas: Image.Image, theme: Theme, mood: str, backdrop: str, rng: np.random.Generator) -> Colour:
    """Everything behind the things; returns the tint for what is drawn before it."""
    tint = TINTS.get(mood, (255, 255, 255))
    paint_sky(canvas, mood)
    plain = Pen(canvas)
    if theme.name not in ("kitchen", "living room", "underwater", "forest"):
        heavens(plain, mood, rng, backdrop == "clouds")
    PAINTERS[theme.name](Pen(canvas, tint=tint), mood, backdrop, rng)
    return tint


def blank_canvas() -> Image.Image:
    return Image.new("RGB", (SIZE * SAMPLES, SIZE * SAMPLES))
