"""The one room: it counts how often its demo was loaded and when its worker was last seen."""
