"""Which formats can be imported."""

from catalog.exchange.formats.iglu import IgluImporter
from catalog.exchange.formats.segment.segment_importer import SegmentImporter
from catalog.exchange.formats.wikimedia import WikimediaImporter
from catalog.exchange.importer import Importer
from catalog.exchange.upload import Upload

IMPORTERS: dict[str, Importer] = {
    importer.format: importer for importer in (WikimediaImporter(), IgluImporter(), SegmentImporter())
}
"""Every importer by the name of its format."""


def detect_importer(upload: Upload) -> Importer | None:
    """The first importer that finds something of its format in an upload, or None."""
    return next((importer for importer in IMPORTERS.values() if importer.recognises(upload)), None)
