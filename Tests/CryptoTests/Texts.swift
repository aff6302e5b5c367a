import Basics

/// Bytes and texts of vectors, from arrays: the compiler (6.3) crashes on spans of what an `#expect` has
/// only just made.
func hex(_ bytes: [UInt8]) -> String { Hex.encode(bytes.span) }

func bytes(ofHex text: String) throws -> [UInt8] {
    let text = Array(text.utf8)
    return try Hex.decode(text.span)
}

func base64(_ bytes: [UInt8]) -> String { Base64.standard.encode(bytes.span) }

func base64URL(_ bytes: [UInt8]) -> String { Base64.url.encode(bytes.span) }

func bytes(ofBase64URL text: String) throws -> [UInt8] {
    let text = Array(text.utf8)
    return try Base64.url.decode(text.span)
}
