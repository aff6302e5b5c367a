internal import Wire

/// The figures of one run, said as they come and kept for the end.
struct FigureBook {
    private(set) var figures: [Figure] = []
    /// What a reader must know to understand the figures, such as a reduced number of sockets.
    private(set) var remarks: [String] = []

    mutating func add(_ name: String, _ value: Double, _ unit: String, _ limit: Figure.Limit? = nil)
    {
        let figure = Figure(name: name, value: value, unit: unit, limit: limit)
        figures.append(figure)
        Terminal.say(figure.description)
    }

    mutating func remark(_ text: String) {
        remarks.append(text)
        Terminal.remark(text)
    }

    var isFine: Bool { !figures.contains { $0.isShort } }

    /// All of it as one JSON object.
    var json: [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.member("figures", figures)
            json.key("remarks")
            json.beginArray()
            for remark in remarks { json.string(remark) }
            json.endArray()
            json.endObject()
        }
        return bytes + [UInt8(ascii: "\n")]
    }
}
