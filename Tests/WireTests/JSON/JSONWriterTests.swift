import Basics
import Testing
import Wire

@Suite struct `A JSON writer` {
    @Test func `puts commas exactly between values`() {
        let text = written { json in
            json.beginObject()
            json.member("event", "hello")
            json.key("data")
            json.beginArray()
            json.integer(7)
            json.beginArray()
            json.endArray()
            json.beginObject()
            json.endObject()
            json.null()
            json.endArray()
            json.member("ok", true)
            json.endObject()
        }
        #expect(text == #"{"event":"hello","data":[7,[],{},null],"ok":true}"#)
    }

    @Test func `escapes what JSON wants escaped and nothing else`() {
        let text = written { $0.string("\"\\/\u{8}\u{9}\n\u{c}\r\u{0}\u{1f}\u{7f}é🦉") }
        #expect(text == "\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}é🦉\"")
    }

    @Test func `writes JSON within a string as it would a string that holds that JSON`() {
        let name = "\"\\/\u{8}\u{9}\n\u{c}\r\u{0}\u{1f}\u{7f}é🦉"
        func inner(_ json: inout JSONWriter) {
            json.beginObject()
            json.member(name, name)
            json.member("isOn", true)
            json.key("list")
            json.beginArray()
            json.integer(-1)
            json.null()
            json.endArray()
            json.endObject()
        }
        let atOnce = written { json in
            json.beginArray()
            json.quoted(inner)
            json.string("after")
            json.endArray()
        }
        let apart = written { json in
            json.beginArray()
            json.string(written(inner))
            json.string("after")
            json.endArray()
        }
        #expect(atOnce == apart)
    }

    @Test func `writes an id as the string that it is`() throws {
        let id = try #require(Identifier("abcdefghijklmnopqrstuvwx09"))
        let text = written { json in
            json.beginObject()
            json.member("id", id)
            json.member("next", 1)
            json.endObject()
        }
        #expect(text == #"{"id":"abcdefghijklmnopqrstuvwx09","next":1}"#)
    }

    @Test func `writes the least and the greatest numbers`() {
        #expect(written { $0.integer(Int64.min) } == "-9223372036854775808")
        #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
        #expect(written { $0.integer(0) } == "0")
        #expect(written { $0.integer(1_000) } == "1000")
    }

    @Test func `writes the shortest text of a floating-point number, and null where JSON has none`()
    {
        #expect(written { $0.number(0.1) } == "0.1")
        #expect(written { $0.number(1e300) } == "1e+300")
        #expect(written { $0.number(.nan) } == "null")
        #expect(written { $0.number(-.infinity) } == "null")
    }

    @Test func `appends to what is there`() {
        var bytes = Array("data: ".utf8)
        JSONWriter.append(to: &bytes) { $0.raw([UInt8](#"{"a":1}"#.utf8).span) }
        #expect(String(decoding: bytes, as: UTF8.self) == #"data: {"a":1}"#)
    }

    @Test func `takes text that is bytes already`() {
        let text = written { json in
            json.beginArray()
            json.string(utf8: [UInt8]("a\"b".utf8).span)
            json.endArray()
        }
        #expect(text == #"["a\"b"]"#)
    }
}

private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var bytes: [UInt8] = []
    JSONWriter.append(to: &bytes, body)
    return String(decoding: bytes, as: UTF8.self)
}
