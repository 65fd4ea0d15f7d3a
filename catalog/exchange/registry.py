"""Which formats can be imported."""

from catalog.exchange.iglu import IgluImporter
from catalog.exchange.importer import Importer
from catalog.exchange.segment import SegmentImporter
from catalog.exchange.upload import Upload
from catalog.exchange.wikimedia import WikimediaImporter

IMPORTERS: dict[str, Importer] = {
    importer.format: importer for importer in (WikimediaImporter(), IgluImporter(), SegmentImporter())
}
"""Every importer by the name of its format."""


def recognise(upload: Upload) -> Importer | None:
    """The first importer that finds something of its format in an upload, or None."""
    return next((importer for importer in IMPORTERS.values() if importer.recognises(upload)), None)
