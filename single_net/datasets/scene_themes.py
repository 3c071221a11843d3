"""What goes together in the embedded scenes: eleven themes with their own things, colours, actions and phrases.

Weights are written as in "brown 3 golden 5": golden five times in eight. Colours, verbs and places differ from theme to
theme and from thing to thing on purpose: Word2Vec can tell "red" from "blue" only if they keep different company.
"""

from __future__ import annotations

from dataclasses import dataclass


def weights(text: str) -> dict[str, float]:
    """'brown 3 dark-red 5' -> {"brown": 3.0, "dark red": 5.0}."""
    words = text.split()
    return {words[i].replace("-", " "): float(words[i + 1]) for i in range(0, len(words), 2)}


@dataclass(frozen=True)
class Role:
    """A thing in a theme: how often, in which colours ("red shirt" for people), doing what, and how often in numbers."""

    weight: float
    colours: dict[str, float]
    actions: dict[str, float]
    many: float = 0.0


def role(weight: float, colours: str, actions: str = "stand 1", many: float = 0.0) -> Role:
    return Role(weight, weights(colours), weights(actions), many)


@dataclass(frozen=True)
class Theme:
    """One theme; heights are pixels above the lower edge of the picture.

    ground, sky, water   (lowest, highest) place of a thing's foot there; water is a surface, in `sea` all the picture
    actors   people and animals; props: what they are next to, under, on ...; toys: what they use; fliers: in the sky
    """

    name: str
    moods: dict[str, float]
    backdrops: dict[str, float]
    at: tuple[str, ...]
    along: tuple[str, ...]
    title: tuple[str, ...]
    actors: dict[str, Role]
    props: dict[str, Role]
    toys: dict[str, Role]
    fliers: dict[str, Role]
    ground: tuple[float, float] = (10, 52)
    water: tuple[float, float] | None = None
    sky: tuple[float, float] = (140, 172)


THEMES = (
    Theme(
        "beach",
        weights("sunny 5 sunset 3 cloudy 1"),
        weights("island 2 cliffs 2 clouds 2 plain 2"),
        ("on the beach", "at the beach", "on the sand", "by the sea", "at the seaside", "near the ocean"),
        ("along the beach", "across the sand", "along the shore", "on the wet sand"),
        ("sandy beach", "beach", "seashore"),
        {
            "man": role(2, "blue-shorts 5 green-shorts 2 white-shirt 2", "walk 3 run 2 swim 3 lie 1"),
            "woman": role(2, "pink-swimsuit 4 yellow-dress 3 white-dress 2", "walk 4 wave 2 swim 2", 0.1),
            "boy": role(3, "red-shorts 5 orange-shorts 3 blue-shorts 1", "run 4 jump 3 swim 2", 0.2),
            "girl": role(3, "yellow-swimsuit 4 purple-swimsuit 3 pink-dress 1", "jump 3 run 3 wave 2", 0.2),
            "dog": role(4, "brown 3 golden 5 black 1", "run 5 jump 2 swim 3 sit 1", 0.2),
            "crab": role(1.6, "red 4 orange 3", "crawl 1", 0.4),
            "seagull": role(1.6, "white 1", "perch 1", 0.4),
            "turtle": role(1, "green 3 brown 1", "crawl 1"),
        },
        {
            "beach umbrella": role(4, "red 5 yellow 2 blue 1"),
            "palm tree": role(2.5, "green 1"),
            "towel": role(2.5, "turquoise 4 orange 2 pink 2"),
            "rock": role(1, "grey 1"),
            "sailboat": role(2, "white 5 orange 1"),
            "rowing boat": role(0.8, "blue 3 red 1"),
        },
        {
            "sandcastle": role(3, "red 3 blue 1"),
            "ball": role(3, "orange 3 red 2 yellow 3"),
            "bucket": role(2, "red 2 yellow 3 blue 2"),
            "surfboard": role(3, "yellow 3 turquoise 3 white 2"),
            "kite": role(1.2, "purple 2 red 2"),
        },
        {"seagull": role(3, "white 1", "fly 1", 0.5), "kite": role(1, "purple 2 red 3"), "plane": role(0.5, "blue 1")},
        ground=(8, 46),
        water=(66, 88),
        sky=(146, 170),
    ),
    Theme(
        "street",
        weights("sunny 3 cloudy 2 rainy 3 night 3"),
        weights("skyscrapers 3 houses 3 shops 3"),
        ("on the street", "in the city", "downtown", "on a city road", "in town"),
        ("down the street", "along the road", "across the road", "through the city", "through town"),
        ("city street", "busy street", "town road"),
        {
            "man": role(3, "black-coat 5 grey-jacket 3 white-shirt 2", "walk 6 run 2 wave 1 stand 1", 0.15),
            "woman": role(3, "red-coat 4 purple-coat 2 black-skirt 3", "walk 6 wave 1 stand 2", 0.15),
            "boy": role(1.2, "green-jacket 3 yellow-raincoat 2", "walk 3 run 3"),
            "girl": role(1.2, "yellow-raincoat 4 blue-dress 2", "walk 3 run 2"),
            "dog": role(1.5, "black 4 white 3", "walk 4 sit 3"),
            "cat": role(1.2, "grey 4 black 3", "sit 3 walk 2"),
            "pigeon": role(1, "grey 1", "perch 1", 0.6),
            "car": role(3, "red 3 blue 4 silver 4 black 3", "park 3 drive 5"),
            "taxi": role(2, "yellow 1", "park 1 drive 4"),
            "bus": role(2.4, "red 5 green 1 orange 1", "drive 4 stop 3"),
            "truck": role(1.4, "blue 2 orange 2 green 1", "drive 3 park 2"),
        },
        {
            "car": role(2, "red 3 blue 4 silver 4 black 3", "park 1"),
            "bus": role(1, "red 5 green 1", "stop 1"),
            "traffic light": role(2, "red 2 green 2"),
            "street lamp": role(2, "black 1"),
            "fire hydrant": role(2, "red 5 yellow 1"),
            "bench": role(1, "brown 2 green 1"),
            "motorcycle": role(1.6, "black 4 red 2", "park 1"),
        },
        {
            "bicycle": role(3, "black 2 red 2 turquoise 3"),
            "motorcycle": role(2, "black 4 red 2"),
            "umbrella": role(3, "black 4 red 2 blue 2"),
            "skateboard": role(2, "orange 2 purple 2"),
        },
        {
            "pigeon": role(2, "grey 1", "fly 1", 0.5),
            "plane": role(1.6, "red 1"),
            "helicopter": role(1, "black 2 red 1"),
        },
        ground=(12, 46),
        sky=(158, 174),
    ),
    Theme(
        "farm",
        weights("sunny 5 sunset 2 cloudy 2"),
        weights("hills 3 wheat 3 orchard 2 plain 1"),
        ("on a farm", "in the field", "in a green field", "on the grass", "in the pasture", "in a meadow"),
        ("across the field", "through the meadow", "over the grass", "around the farm"),
        ("farm", "green pasture", "country field"),
        {
            "cow": role(3, "brown 4 white 5 black 1", "eat 6 stand 3 lie 2", 0.4),
            "horse": role(3, "brown 6 white 2 black 2", "run 5 eat 3 stand 2", 0.3),
            "sheep": role(3, "white 6 black 1", "eat 5 stand 3 lie 1", 0.6),
            "pig": role(2.4, "pink 6 brown 1", "eat 3 walk 3 sleep 2", 0.4),
            "chicken": role(2.4, "white 3 brown 4", "peck 1", 0.6),
            "duck": role(1.2, "white 3 yellow 2", "walk 1", 0.6),
            "dog": role(1.4, "black 3 white 2", "run 4 sit 2 jump 1"),
            "man": role(2, "blue-overalls 5 green-overalls 1", "walk 3 stand 3 dig 1"),
            "woman": role(1.2, "blue-overalls 2 red-skirt 3", "walk 3 stand 2 wave 1"),
            "girl": role(0.8, "red-dress 2 blue-overalls 2", "run 2 wave 2"),
        },
        {
            "barn": role(4, "red 8 brown 2"),
            "haystack": role(3, "golden 4 yellow 4"),
            "fence": role(3, "white 4 brown 4"),
            "tree": role(2, "green 1"),
            "windmill": role(1.6, "white 1"),
            "tractor": role(2, "green 4 red 4", "park 1"),
        },
        {
            "tractor": role(3, "green 5 red 4"),
            "horse": role(3, "brown 5 white 2 black 1"),
            "basket": role(2, "brown 3 tan 2"),
            "bucket": role(1.6, "grey 4 blue 1"),
        },
        {"crow": role(2, "black 1", "fly 1", 0.6), "butterfly": role(1, "orange 2 yellow 2", "fly 1")},
        ground=(10, 60),
        sky=(150, 172),
    ),
    Theme(
        "kitchen",
        weights("morning 3 evening 2"),
        weights("tiles 3 shelf 3 cupboards 3"),
        ("in the kitchen", "in a kitchen", "at home", "inside the kitchen"),
        ("across the kitchen", "through the kitchen"),
        ("kitchen", "tidy kitchen", "home kitchen"),
        {
            "man": role(3, "white-apron 5 black-apron 2", "cook 1"),
            "woman": role(3, "red-apron 3 yellow-apron 3 green-apron 1", "cook 1"),
            "girl": role(1.4, "pink-apron 4 yellow-apron 1", "cook 1"),
            "boy": role(1.4, "blue-apron 3 green-apron 1", "cook 1"),
            "cat": role(2, "orange 4 grey 3 white 2", "sit 4 walk 2 sleep 2"),
            "dog": role(1.4, "white 3 brown 3", "sit 4 lie 2"),
        },
        {"fridge": role(2, "white 5 silver 3 turquoise 2"), "stove": role(2, "white 3 silver 2 black 2")},
        {
            "pot": role(3, "silver 4 red 3 black 2"),
            "cake": role(3, "pink 4 brown 4 white 2"),
            "pizza": role(2.4, "golden 1"),
            "bowl": role(3, "blue 3 white 4 turquoise 1"),
            "cup": role(3, "white 4 green 3 yellow 2", many=0.3),
            "bread": role(2.4, "brown 1"),
            "bottle": role(2, "green 4 purple 1", many=0.3),
            "vase": role(2, "blue 3 turquoise 2 white 2"),
        },
        {},
        ground=(8, 44),
        sky=(150, 160),
    ),
    Theme(
        "snow",
        weights("sunny 3 snowy 4 night 2"),
        weights("mountains 4 firs 3 hills 2"),
        ("in the snow", "on a snowy hill", "on the slope", "in winter", "on the white snow", "in the cold snow"),
        ("down the slope", "through the snow", "down a snowy hill", "over the snow"),
        ("snowy slope", "winter scene", "snow covered hill"),
        {
            "man": role(3, "red-jacket 4 black-jacket 3 orange-jacket 2", "ski 6 walk 2", 0.15),
            "woman": role(3, "turquoise-jacket 4 white-jacket 2 purple-jacket 2", "ski 6 walk 2", 0.1),
            "boy": role(2, "blue-jacket 5 green-jacket 2", "jump 3 run 3 throw-snowball 3", 0.15),
            "girl": role(2, "pink-jacket 5 purple-jacket 2", "jump 2 run 2 throw-snowball 3", 0.15),
            "dog": role(2, "grey 5 white 2", "run 5 sit 2 jump 2", 0.3),
            "deer": role(1.6, "brown 1", "stand 3 walk 3", 0.3),
            "penguin": role(2, "black 1", "stand 3 walk 3", 0.7),
            "rabbit": role(1.4, "white 5 grey 1", "jump 3 sit 2", 0.3),
        },
        {
            "snowman": role(4, "red 3 green 3 blue 1"),
            "snowy pine": role(4, "green 1", many=0.3),
            "cabin": role(3, "brown 1"),
            "fence": role(1, "brown 1"),
        },
        {"snowman": role(3, "red 3 green 3 blue 1"), "sled": role(4, "red 5 brown 3 yellow 1")},
        {
            "crow": role(1, "black 1", "fly 1", 0.5),
            "balloon": role(0.6, "red 3 orange 1"),
            "owl": role(0, "white 1", "fly 1"),
        },
        ground=(10, 56),
        sky=(148, 172),
    ),
    Theme(
        "forest",
        weights("sunny 4 foggy 2 sunset 2 night 2"),
        weights("trunks 3 birches 3 stream 3"),
        ("in the forest", "in the woods", "among the trees", "between the trees", "on the forest floor"),
        ("through the forest", "through the woods", "along a trail", "among the trees"),
        ("forest", "dense forest", "quiet wood"),
        {
            "deer": role(3, "brown 4 tan 3", "eat 3 stand 4 run 2 jump 1", 0.3),
            "fox": role(3, "orange 6 red 2", "run 3 walk 3 sit 2 sleep 2"),
            "bear": role(3, "brown 5 black 4", "walk 4 sit 2 sleep 2", 0.2),
            "rabbit": role(2, "brown 3 grey 3", "jump 3 sit 2 eat 3", 0.4),
            "squirrel": role(2, "red 3 orange 1 grey 2", "sit 2 run 2 jump 1", 0.3),
            "owl": role(2, "brown 4 grey 2", "perch 1"),
            "man": role(2, "green-jacket 4 orange-jacket 2", "walk 5 stand 1", 0.1),
            "woman": role(1.6, "orange-jacket 2 yellow-jacket 2 green-jacket 1", "walk 4 stand 1"),
        },
        {
            "tent": role(3, "orange 3 green 3 yellow 2"),
            "campfire": role(3, "orange 1"),
            "log": role(2.4, "brown 1"),
            "rock": role(2, "grey 1"),
            "mushroom": role(2.4, "red 5 brown 2"),
            "pine tree": role(2, "green 1"),
        },
        {"basket": role(2, "brown 3 tan 1"), "flowers": role(2, "purple 3 white 2")},
        {"owl": role(1, "brown 2 white 1", "fly 1"), "butterfly": role(2, "blue 3 yellow 2", "fly 1", 0.4)},
        ground=(10, 54),
        sky=(112, 140),
    ),
    Theme(
        "park",
        weights("sunny 6 sunset 1 cloudy 2"),
        weights("pond 3 trees 3 path 3 city 2"),
        ("in the park", "at the playground", "on the grass", "on the lawn", "in a green park", "outside"),
        ("through the park", "across the lawn", "over the grass", "around the playground"),
        ("park", "playground", "sunny lawn"),
        {
            "boy": role(4, "blue-shirt 4 red-shirt 2 green-shirt 2", "run 4 jump 3 wave 1", 0.25),
            "girl": role(4, "pink-dress 4 purple-dress 2 yellow-shirt 2", "run 3 jump 4 wave 1", 0.25),
            "man": role(2, "grey-shirt 3 green-shirt 2 white-shirt 2", "run 4 walk 3 read 0"),
            "woman": role(2, "purple-shirt 3 pink-shirt 2 blue-dress 2", "run 3 walk 4"),
            "dog": role(4, "brown 4 white 3 black 2", "run 5 jump 3 sit 2", 0.25),
            "squirrel": role(1, "red 2 grey 2", "sit 2 run 2"),
            "duck": role(2, "brown 4 white 3", "walk 1", 0.6),
        },
        {
            "bench": role(3, "brown 4 green 3"),
            "tree": role(3, "green 4 orange 1"),
            "fountain": role(2, "grey 1"),
            "slide": role(2.4, "red 4 yellow 3 blue 1"),
            "swing": role(2, "green 2 blue 2 red 1"),
            "flowers": role(2, "red 3 yellow 3 pink 2"),
            "blanket": role(2, "red 4 blue 2"),
        },
        {
            "ball": role(4, "red 4 blue 2 white 2"),
            "kite": role(4, "red 3 orange 2 green 2 yellow 1"),
            "slide": role(3, "red 4 yellow 3 blue 1"),
            "swing": role(3, "green 2 blue 2 red 1"),
            "bicycle": role(3, "blue 3 red 2 pink 2"),
            "skateboard": role(1.6, "purple 2 green 1"),
            "flowers": role(1.6, "yellow 3 pink 3"),
        },
        {
            "balloon": role(1.6, "orange 2 purple 1 red 1", "float 1"),
            "butterfly": role(2, "pink 2 orange 2", "fly 1", 0.4),
            "pigeon": role(1, "grey 1", "fly 1", 0.5),
        },
        ground=(10, 58),
        sky=(148, 172),
    ),
    Theme(
        "living room",
        weights("morning 3 evening 3"),
        weights("painting 3 window 3 curtains 3"),
        ("in the living room", "in a living room", "at home", "in the house", "inside a cosy room"),
        ("across the room", "through the living room"),
        ("living room", "cosy room", "quiet room"),
        {
            "cat": role(4, "grey 4 orange 4 black 3 white 2", "sit 3 sleep 4 walk 2 jump 1", 0.25),
            "dog": role(3, "golden 4 brown 2 white 2", "lie 3 sleep 4 sit 3"),
            "man": role(2, "brown-sweater 3 grey-sweater 3 blue-shirt 1", "stand 2 walk 1"),
            "woman": role(2, "white-sweater 2 purple-sweater 3 green-dress 2", "stand 2 walk 1"),
            "girl": role(2, "purple-dress 2 orange-sweater 3", "jump 3 stand 1"),
            "boy": role(2, "green-sweater 3 yellow-shirt 2", "jump 3 stand 1"),
        },
        {
            "sofa": role(5, "blue 2 green 3 grey 4 red 1 pink 1"),
            "armchair": role(3, "orange 3 brown 3 green 1"),
            "bookshelf": role(2, "brown 3 white 2"),
            "floor lamp": role(2, "yellow 2 white 2"),
            "plant": role(2.4, "orange 2 white 3 blue 1"),
            "rug": role(2.4, "red 4 purple 2 turquoise 2"),
            "fireplace": role(2, "red 1"),
            "television": role(1.6, "black 1"),
            "piano": role(1.2, "black 4 brown 2"),
        },
        {
            "book": role(4, "red 2 green 3 blue 2"),
            "piano": role(2.4, "black 4 brown 2"),
            "television": role(3, "black 1"),
            "teddy bear": role(3, "brown 4 tan 3"),
            "ball": role(2, "green 3 yellow 2"),
        },
        {},
        ground=(8, 44),
        sky=(150, 160),
    ),
    Theme(
        "harbour",
        weights("sunny 4 sunset 3 stormy 2 night 2"),
        weights("mountains 3 town 3 bridge 3"),
        ("on the water", "in the bay", "at sea", "near the coast", "in the harbour"),
        ("across the bay", "over the waves", "through the water", "out to sea"),
        ("harbour", "bay", "wide bay"),
        {
            "sailboat": role(4, "white 5 red 3 orange 1", "sail 1", 0.4),
            "ship": role(3, "red 3 black 4 blue 2", "sail 1"),
            "dolphin": role(3, "grey 5 blue 2", "leap 1", 0.4),
            "whale": role(2, "blue 4 grey 2", "surface 1"),
            "duck": role(1.4, "brown 3 white 2", "float 1", 0.6),
            "man": role(0, "yellow-raincoat 3 blue-shirt 2 white-shirt 2", "swim 1"),  # rows, never swims
            "woman": role(0.8, "red-swimsuit 3 blue-swimsuit 2", "swim 1"),
        },
        {
            "lighthouse": role(4, "red 6 black 1 blue 1"),
            "ship": role(2, "red 3 black 3 blue 2"),
            "sailboat": role(3, "white 4 red 3 yellow 1"),
            "rowing boat": role(2, "green 3 brown 3 yellow 1"),
        },
        {"rowing boat": role(4, "green 3 brown 3 yellow 1"), "surfboard": role(1.4, "orange 2 white 2")},
        {
            "seagull": role(3, "white 1", "fly 1", 0.6),
            "helicopter": role(1, "orange 3 yellow 1"),
            "plane": role(0.8, "blue 1"),
            "balloon": role(0.8, "yellow 2 red 1", "float 1"),
        },
        ground=(10, 20),
        water=(16, 84),
        sky=(150, 172),
    ),
    Theme(
        "savanna",
        weights("sunny 4 sunset 4 cloudy 1"),
        weights("mountain 3 waterhole 3 plain 2"),
        ("on the savanna", "in the wild", "in the dry grass", "on the plain", "in africa"),
        ("across the savanna", "through the dry grass", "over the plain"),
        ("savanna", "dry plain", "african plain"),
        {
            "elephant": role(4, "grey 1", "walk 4 stand 3 drink 0", 0.25),
            "giraffe": role(4, "golden 1", "walk 3 stand 4 run 1", 0.25),
            "zebra": role(3, "white 1", "eat 4 run 4 stand 1", 0.4),
            "lion": role(4, "golden 4 tan 3", "walk 3 sleep 4 run 2 lie 2", 0.2),
            "ostrich": role(2, "black 3 grey 2", "walk 1", 0.3),
            "man": role(1, "tan-shirt 3 green-shirt 1", "walk 2 wave 2"),
        },
        {
            "acacia tree": role(4, "green 3 golden 1"),
            "jeep": role(3, "green 4 tan 3", "park 1"),
            "rock": role(2, "tan 3 grey 1"),
            "tent": role(1, "tan 3 white 2"),
        },
        {"jeep": role(2, "green 4 tan 3")},
        {
            "vulture": role(2, "black 2 brown 2", "fly 1", 0.5),
            "balloon": role(1.6, "red 2 yellow 2 purple 1", "float 1"),
            "plane": role(0.6, "red 1"),
        },
        ground=(10, 56),
        sky=(148, 172),
    ),
    Theme(
        "underwater",
        weights("clear 3 dim 2"),
        weights("seaweed 3 rocks 3 wreck 2"),
        ("under the water", "under the sea", "on the reef", "deep in the ocean", "below the waves"),
        ("through the water", "over the reef", "along the sea floor", "in the deep"),
        ("reef", "coral reef", "sea floor"),
        {
            "fish": role(5, "orange 5 yellow 4 blue 2 purple 1", "glide 1", 0.6),
            "turtle": role(3, "green 4 brown 1", "glide 1", 0.15),
            "shark": role(3, "grey 4 blue 2", "glide 1", 0.2),
            "jellyfish": role(3, "pink 4 purple 4 white 1", "drift 1", 0.4),
            "octopus": role(2, "red 3 orange 2 purple 2", "crawl 1"),
            "crab": role(1.6, "red 4 orange 1", "crawl 1"),
            "man": role(2, "black-wetsuit 4 blue-wetsuit 1", "dive 1"),
            "woman": role(1.6, "black-wetsuit 3 purple-wetsuit 2", "dive 1"),
        },
        {
            "coral": role(4, "pink 4 red 3 orange 2"),
            "treasure chest": role(2.4, "brown 1"),
            "rock": role(1.6, "grey 1"),
        },
        {},
        {
            "fish": role(3, "yellow 4 blue 3 turquoise 1", "glide 1", 0.6),
            "jellyfish": role(1, "pink 2 purple 2", "drift 1"),
        },
        ground=(8, 28),
        sky=(120, 160),
    ),
)
