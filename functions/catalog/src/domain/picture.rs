//! Pictures that are uploaded: what they may be, and whether they are.

use kernel::{ImageId, ProductId, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

use crate::domain::AltText;

/// Bytes of one picture.
pub const MAX_PICTURE_BYTES: u32 = 5 * 1024 * 1024;
/// So many bytes of a file tell what it is.
pub const TELLING_BYTES: u64 = 512;

/// What did not come by then does not come any more; what was refused was told long enough.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// The kinds of picture that browsers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ImageType {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/webp")]
    Webp,
    #[serde(rename = "image/avif")]
    Avif,
    /// Only in a shop of demo data: an SVG can carry scripts.
    #[serde(rename = "image/svg+xml")]
    Svg,
}

impl ImageType {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Svg => "image/svg+xml",
        }
    }

    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Svg => "svg",
        }
    }

    /// Whether a file that begins with `bytes` is of this kind, whatever it is called. Where the size of a picture stands at its beginning, it
    /// must have one.
    #[must_use]
    pub fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Self::Jpeg => bytes.starts_with(&[0xff, 0xd8, 0xff]),
            Self::Png => is_png(bytes),
            Self::Webp => is_webp(bytes),
            Self::Avif => is_avif(bytes),
            Self::Svg => is_svg(bytes),
        }
    }
}

/// The signature, and a header that says how wide and how high the picture is.
fn is_png(bytes: &[u8]) -> bool {
    let has_side = |at: usize| bytes.get(at..at + 4).is_some_and(|side| side != [0; 4]);
    bytes.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") && has_side(16) && has_side(20)
}

/// A container, and in it the beginning of one of the three kinds of picture, as far as its size.
fn is_webp(bytes: &[u8]) -> bool {
    let size_ends = match bytes.get(12..16) {
        Some(b"VP8 " | b"VP8X") => 30,
        Some(b"VP8L") => 25,
        _ => return false,
    };
    bytes.starts_with(b"RIFF") && &bytes[8..12] == b"WEBP" && bytes.len() >= size_ends
}

/// A box `ftyp` that has one of the brands of AVIF: as its major brand, or among the compatible ones.
fn is_avif(bytes: &[u8]) -> bool {
    let length = bytes.first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
    let end = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
    if bytes.get(4..8) != Some(&b"ftyp"[..]) || end < 16 {
        return false;
    }
    let mut brands = bytes[8..12].chunks_exact(4).chain(bytes[16..end].chunks_exact(4));
    brands.any(|brand| brand == b"avif" || brand == b"avis")
}

/// Text whose first element is `svg`, with at most a declaration, comments and a document type before it.
fn is_svg(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<svg") => return true,
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?xml") || rest.starts_with("<!DOCTYPE svg") => ">",
            _ => return false,
        };
        let Some(at) = rest.find(end) else { return false };
        rest = rest[at + end.len()..].trim_start();
    }
}

/// A picture on its way: asked for, and not among the product's yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingImage {
    pub id: ImageId,
    pub product_id: ProductId,
    pub alt: AltText,
    pub content_type: ImageType,
    pub asked_at: Timestamp,
    /// Who asked.
    pub actor: UserId,
    #[serde(flatten)]
    pub trace: Trace,
    /// Why the file that came will not be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

impl PendingImage {
    /// From then on it is as if nobody had asked for it.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.asked_at.plus_seconds(KEPT_SECONDS)
    }
}

/// Why an uploaded file is not among a product's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ImageRefusal")]
pub enum Refusal {
    /// It is no picture of the kind that was announced.
    NotThatPicture,
    /// It is larger than a picture may be.
    TooLarge,
    /// Others came first, and the product has as many pictures as it may have.
    TooManyImages,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
    const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x01\0\x01\0";
    const AVIF: &[u8] = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf";
    const AVIF_AMONG_OTHERS: &[u8] = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf";
    const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heicavif";
    const SVG: &[u8] = b"<?xml version=\"1.0\"?>\n<!-- a tin --><svg xmlns=\"http://www.w3.org/2000/svg\"/>";

    #[test]
    fn a_file_is_the_kind_of_picture_that_its_first_bytes_say() {
        let kinds = [ImageType::Jpeg, ImageType::Png, ImageType::Webp, ImageType::Avif, ImageType::Svg];
        let cases: [(&[u8], Option<ImageType>); 20] = [
            (JPEG, Some(ImageType::Jpeg)),
            (PNG, Some(ImageType::Png)),
            (WEBP, Some(ImageType::Webp)),
            (AVIF, Some(ImageType::Avif)),
            (AVIF_AMONG_OTHERS, Some(ImageType::Avif)),
            (SVG, Some(ImageType::Svg)),
            (b"\xef\xbb\xbf  <svg/>", Some(ImageType::Svg)),
            (b"<!DOCTYPE svg PUBLIC \"x\"><svg/>", Some(ImageType::Svg)),
            // The box ends before the brand that would fit.
            (HEIC, None),
            (b"", None),
            (b"\x89PNG", None),
            // Without a size, or with none of one side.
            (&PNG[..8], None),
            (&PNG[..23], None),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\0", None),
            (&WEBP[..29], None),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"\xff\xff\xff\xffftyp", None),
            (b"a text that is called tea.png", None),
            (b"<html><svg/></html>", None),
            (b"<!-- <svg>", None),
        ];
        for (bytes, expected) in cases {
            let found: Vec<ImageType> = kinds.into_iter().filter(|kind| kind.begins(bytes)).collect();
            assert_eq!(found, Vec::from_iter(expected), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_kind_is_called_what_it_is_sent_as() {
        for kind in [ImageType::Jpeg, ImageType::Png, ImageType::Webp, ImageType::Avif, ImageType::Svg] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
