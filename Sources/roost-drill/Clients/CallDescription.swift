internal import Wire

/// A description as a client of calls sends it: JSON, deflated, in a message of MessagePack.
enum CallDescription {
    static func frame(_ sdp: String, as type: String, serial: Int) -> [UInt8] {
        var json: [UInt8] = []
        JSONWriter.append(to: &json) { json in
            json.beginObject()
            json.member("type", type)
            json.member("sdp", sdp)
            json.endObject()
        }
        var packed: [UInt8] = []
        Deflater(.zlib).deflate(json.span, flush: .finish, to: &packed)
        var frame: [UInt8] = []
        MessagePackWriter.append(to: &frame) { pack in
            pack.beginMap(3)
            pack.string("action")
            pack.string("\(CallsText.prefix)sdp")
            pack.string("seq")
            pack.integer(Int64(serial))
            pack.string("data")
            pack.beginMap(1)
            pack.string("data")
            pack.binary(packed.span)
        }
        return frame
    }
}
