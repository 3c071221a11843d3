"""Backdrops of the country: farm, forest, snow and savanna."""

from __future__ import annotations

import numpy as np

from single_net.data.scenes.composition.scene import SIZE
from single_net.data.scenes.drawing.backdrops.scenery import ridge, trees, tufts
from single_net.data.scenes.drawing.pen import INK, Pen, mix


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
    tufts(pen, 66, (108, 160, 80), rng)


def forest(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    haze = {"foggy": (206, 216, 210), "sunset": (226, 178, 120)}.get(mood, (150, 190, 140))
    pen.box(0, 60, SIZE, SIZE, mix(haze, (96, 140, 104), 0.25))
    for share in (0.3, 0.75):
        for place in range(4, SIZE, 27 if share < 0.5 else 40):
            u = place + rng.uniform(-7, 7)
            trunk = (112, 88, 72) if backdrop != "birches" else (238, 236, 228)
            trunk, width = mix(haze, trunk, share), 3 + 3.4 * share
            pen.box(u - width, 58, u + width, SIZE, trunk)
            if backdrop == "birches":
                for v in rng.uniform(66, 170, 6):
                    pen.line([(u - width + 1, v), (u, v)], 1.5, mix(haze, INK, share))
        for place in range(0, SIZE + 20, 24):
            leaf = (206, 132, 62) if mood == "sunset" else (76, 136, 84)
            pen.dot(place + rng.uniform(-6, 6), SIZE - 6 + 12 * (1 - share), 22, mix(haze, leaf, 0.4 + 0.6 * share))
    pen.box(0, 0, SIZE, 62, (142, 150, 84) if mood != "sunset" else (178, 138, 84))
    pen.ellipse(60, 60, 120, 9, (122, 140, 78) if mood != "sunset" else (164, 124, 74))
    if backdrop == "stream":
        pen.polygon(
            [(-2, 62), (-2, 52), (70, 56), (120, 60), (194, 56), (194, 66), (120, 68), (60, 64)], (120, 188, 212)
        )
    tufts(pen, 56, (96, 124, 62), rng)


def snow(pen: Pen, mood: str, backdrop: str, rng: np.random.Generator) -> None:
    if backdrop == "mountains":
        peaks: list[float] = [18, 52, 26, 64, 34, 50, 16]
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
