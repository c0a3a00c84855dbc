"""What an uploaded photo or scan must be before it is kept. A photo is painted anew: nothing of the phone remains."""

import threading
from io import BytesIO

from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 15 * 1024 * 1024
# Each as large as decodes in less than 300 MB: a JPEG comes at a fraction of its size, a WebP in several full copies.
MAX_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 25_000_000, "WEBP": 12_500_000}
EDGE = 1600
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP")
_ONE_AT_A_TIME = threading.Lock()
Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())

TOO_BIG = f"文件太大，请控制在{MAX_BYTES // 1024 // 1024}MB以内。"
NO_PICTURE = "这个文件不是照片。请传 JPG、PNG 或 WebP 照片，扫描件可以用 PDF。"
TOO_MANY_PIXELS = "照片尺寸太大，请缩小后再传，或改用手机相机拍的 JPG 照片。"


class UploadRefusal(Exception):
    """An uploaded file can't be kept; the text says why and what to do."""


def clean(upload: UploadedFile) -> tuple[bytes, str, str]:
    """Bytes to keep, media type and file ending. UploadRefusal where the file is neither a photo nor a PDF scan."""
    if (upload.size or 0) > MAX_BYTES:
        raise UploadRefusal(TOO_BIG)
    if _is_pdf(upload):
        upload.seek(0)
        return upload.read(), "application/pdf", ".pdf"
    with _ONE_AT_A_TIME:  # a class that sends its photos together must not take the memory together
        return clean_photo(upload), "image/jpeg", ".jpg"


def clean_photo(upload: UploadedFile) -> bytes:
    """The picture as a JPEG of at most 1 600 px, upright, without place, device, comment or anything else about it.

    Its size is looked at before it is decoded: 21 KB of PNG can hold 169 million pixels, and decoding takes 800 MB.
    """
    upload.seek(0)
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS.get(picture.format or "", 0):
                raise UploadRefusal(TOO_MANY_PIXELS)
            picture.draft("RGB", (EDGE, EDGE))  # a large JPEG is decoded at a fraction of its size
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UploadRefusal(TOO_MANY_PIXELS) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise UploadRefusal(NO_PICTURE) from None
    upright.thumbnail((EDGE, EDGE))
    # A new canvas: saving the opened picture again would carry the comment along.
    canvas = Image.new("RGB", upright.size)
    canvas.paste(upright)
    buffer = BytesIO()
    canvas.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def _is_pdf(upload: UploadedFile) -> bool:
    upload.seek(0)
    return upload.read(5) == b"%PDF-"
