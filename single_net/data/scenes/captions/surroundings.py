"""Phrases for what surrounds the things: places, weather, light and backdrops."""

from __future__ import annotations

PREPOSITIONS = {  # by relation
    "next to": ("next to", "beside", "near", "by"),
    "in front of": ("in front of",),
    "behind": ("behind",),
    "under": ("under", "under", "below", "beneath"),
    "on": ("on",),
    "above": ("above", "over"),
}

ON_THE_TABLE = ("on the table", "on the kitchen table", "on a table")

IN_THE_WATER = ("in the sea", "in the ocean", "in the water", "in the waves")

OVER = {  # where what flies is, by theme
    "beach": "over the sea",
    "street": "above the city",
    "farm": "over the fields",
    "snow": "over the snow",
    "forest": "between the trees",
    "park": "above the park",
    "harbour": "over the harbour",
    "savanna": "over the savanna",
    "kitchen": "",
    "living room": "",
    "underwater": "through the water",
}

MOODS: dict[tuple[str, str], tuple[str, ...]] = {  # by theme and mood; "" is any other theme
    ("", "sunny"): ("on a sunny day", "under a blue sky", "in the sunshine", "in the bright sun"),
    ("", "sunset"): ("at sunset", "in the evening sun", "as the sun goes down", "under an orange sky"),
    ("", "cloudy"): ("on a cloudy day", "under a cloudy sky", "under white clouds"),
    ("", "rainy"): ("in the rain", "on a rainy day", "on a wet day"),
    ("", "night"): ("at night", "under the stars", "in the moonlight", "in the dark"),
    ("", "snowy"): ("while it is snowing", "in falling snow", "during a snowfall", "on a snowy day"),
    ("", "foggy"): ("in the fog", "on a foggy morning", "in the mist"),
    ("", "stormy"): ("in a storm", "in the rain", "in stormy weather"),
    ("", "clear"): ("in clear water", "in the clear blue sea"),
    ("", "dim"): ("in dark water", "in the deep dark sea"),
    ("", "morning"): ("in the morning", "in the daytime", "by day"),
    ("", "evening"): ("in the evening", "at night"),
    ("forest", "sunny"): ("on a sunny day", "in the daytime", "in summer"),
    ("forest", "sunset"): ("in autumn", "on an autumn day", "under orange leaves"),
    ("forest", "night"): ("at night", "in the dark"),
}

TITLE_MOODS = {  # what stands before and after the place: "sunny beach", "beach at sunset"
    "sunny": ("sunny", ""),
    "sunset": ("", "at sunset"),
    "cloudy": ("cloudy", ""),
    "rainy": ("rainy", ""),
    "night": ("", "at night"),
    "snowy": ("white", "in falling snow"),
    "foggy": ("foggy", ""),
    "stormy": ("stormy", ""),
    "clear": ("bright", ""),
    "dim": ("dark", ""),
    "morning": ("bright", ""),
    "evening": ("", "in the evening"),
}

BACKDROPS: dict[tuple[str, str], tuple[str, ...]] = {  # by theme and backdrop; a plain one is not mentioned
    ("beach", "island"): ("a green island", "a small island"),
    ("beach", "cliffs"): ("cliffs", "a rocky cliff"),
    ("beach", "clouds"): ("clouds", "white clouds"),
    ("street", "skyscrapers"): ("tall buildings", "skyscrapers"),
    ("street", "houses"): ("houses", "a row of houses"),
    ("street", "shops"): ("shops", "a row of stores"),
    ("farm", "hills"): ("hills", "green hills"),
    ("farm", "wheat"): ("a wheat field", "a yellow field"),
    ("farm", "orchard"): ("trees", "a row of trees", "an orchard"),
    ("kitchen", "tiles"): ("tiles", "white tiles"),
    ("kitchen", "shelf"): ("shelves", "jars"),
    ("kitchen", "cupboards"): ("cupboards", "wooden cupboards"),
    ("snow", "mountains"): ("mountains", "snowy mountains", "high peaks"),
    ("snow", "firs"): ("fir trees", "a row of firs"),
    ("snow", "hills"): ("white hills", "snowy hills"),
    ("forest", "trunks"): ("tall trees", "tree trunks"),
    ("forest", "birches"): ("birch trees", "white birches"),
    ("forest", "stream"): ("a stream", "a small river"),
    ("park", "pond"): ("a pond", "a small pond"),
    ("park", "trees"): ("trees", "many trees"),
    ("park", "path"): ("a path", "a winding path"),
    ("park", "city"): ("city buildings", "buildings"),
    ("living room", "painting"): ("a painting", "a picture"),
    ("living room", "window"): ("a window",),
    ("living room", "curtains"): ("red curtains", "a window and curtains"),
    ("harbour", "mountains"): ("mountains", "grey mountains"),
    ("harbour", "town"): ("a town", "colorful houses"),
    ("harbour", "bridge"): ("a bridge", "a red bridge"),
    ("savanna", "mountain"): ("a mountain", "a snow capped mountain"),
    ("savanna", "waterhole"): ("a waterhole", "a pool of water"),
    ("underwater", "seaweed"): ("seaweed", "green seaweed"),
    ("underwater", "rocks"): ("rocks", "dark rocks"),
    ("underwater", "wreck"): ("a shipwreck", "a sunken ship"),
}
