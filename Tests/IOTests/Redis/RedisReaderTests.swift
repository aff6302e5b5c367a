import Basics
import IO
import Testing

@Suite struct `A reader of Redis' answers` {
    @Test(arguments: [
        ("+PONG\r\n", RedisValue.status("PONG")),
        ("-ERR no\r\n", .error(code: "ERR", text: "no")),
        ("-LOADING\r\n", .error(code: "LOADING", text: "")),
        (":-12\r\n", .integer(-12)),
        ("$5\r\na\r\nbc\r\n", .bulk(Array("a\r\nbc".utf8))),
        ("$0\r\n\r\n", .bulk([])),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        (
            "*3\r\n$1\r\na\r\n*2\r\n:1\r\n*0\r\n-E x y\r\n",
            .array([
                .bulk([97]), .array([.integer(1), .array([])]), .error(code: "E", text: "x y"),
            ])
        ),
    ])
    func `finds them in whatever pieces they come`(text: String, value: RedisValue) throws {
        let bytes = Array((text + text).utf8)
        for size in 1...bytes.count {
            var reader = RedisReader(limit: 1_024)
            var found: [RedisValue] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = bytes[start..<min(start + size, bytes.count)]
                try reader.receive(piece.span)
                while let value = try reader.next() { found.append(value) }
            }
            #expect(found == [value, value], "in pieces of \(size)")
        }
    }

    @Test(arguments: [
        "?\r\n", "HTTP/1.1 400 Bad Request\r\n", "\u{0}", "*1\r\n?", "$1001\r\n",
        "$536870912\r\n", "$00000000000000000000000000", "*2147483648\r\n", "*1048577\r\n",
        "*2\r\n*1048575\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    ])
    func `refuses what is none, as soon as that is seen`(text: String) {
        var reader = RedisReader(limit: 1_000)
        let bytes = Array(text.utf8)
        #expect(throws: RedisReader.Fault.self) {
            try reader.receive(bytes.span)
            while try reader.next() != nil {}
        }
    }

    @Test func `holds no more than its limit`() {
        var reader = RedisReader(limit: 100_000)
        let piece = Array(
            repeating: "$1000\r\n" + String(repeating: "a", count: 1_000) + "\r\n",
            count: 10
        )
        .joined()
        var taken = 0
        #expect(throws: RedisReader.Fault.self) {
            try reader.receive(Array("*1000\r\n".utf8).span)
            while taken < 1 << 20 {
                try reader.receive(Array(piece.utf8).span)
                taken += piece.utf8.count
                #expect(try reader.next() == nil)
            }
        }
        #expect(taken > 100_000 && taken < 200_000)
    }

    @Test func `holds no line without an end`() {
        var reader = RedisReader(limit: 16 << 20)
        let line = Array(repeating: UInt8(ascii: "a"), count: 70_000)
        #expect(throws: RedisReader.Fault.self) {
            try reader.receive(Array("+".utf8).span)
            try reader.receive(line.span)
            _ = try reader.next()
        }
    }
}

@Suite struct `A command to Redis` {
    @Test func `is an array of its words`() {
        var command = RedisCommand("CLIENT SETNAME", "ä")
        command.append([0, 13, 10])
        command.append(-7)
        var bytes: [UInt8] = []
        command.write(to: &bytes)
        let text =
            "*5\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$2\r\nä\r\n$3\r\n\u{0}\r\n\r\n$2\r\n-7\r\n"
        #expect(bytes == Array(text.utf8))
        #expect(command.size == bytes.count)
        #expect("\(command)" == "CLIENT SETNAME", "arguments may be secret")
    }
}

@Suite struct `The place of a Redis` {
    @Test func `is one server`() throws {
        let place = try RedisPlace("redis://us%2Fer:p%40ss:w@[::1]:7000/3")
        #expect(place.way == .plain(RedisHost(name: "::1", port: 7_000)))
        #expect(place.username == "us/er" && place.password == Secret("p@ss:w"))
        #expect(place.database == 3 && !place.isSecure)
        let short = try RedisPlace("rediss://cache")
        #expect(short == RedisPlace(.plain(RedisHost(name: "cache", port: 6_379)), isSecure: true))
        #expect(!"\(place)".contains("ss:w"))
    }

    @Test func `is what sentinels say`() throws {
        let place = try RedisPlace("redis+sentinel://:secret@a,b:27000,c/mymaster/1")
        let hosts = [("a", 26_379), ("b", 27_000), ("c", 26_379)].map {
            RedisHost(name: $0.0, port: UInt16($0.1))
        }
        #expect(place.way == .sentinels(hosts, master: "mymaster"))
        #expect(place.database == 1 && place.password == Secret("secret"))
    }

    @Test(arguments: [
        ("", RedisPlaceFault.scheme), ("http://a", .scheme), ("localhost:6379", .scheme),
        ("redis://", .host), ("redis://a:x", .host), ("redis://a:0", .host),
        ("redis://a:70000", .host), ("redis://a/x", .database), ("redis://a/-1", .database),
        ("redis://a/0/1", .database), ("redis+sentinel://a,b", .master),
        ("redis+sentinel://a,,b/m", .host), ("redis+sentinel://a,a/m", .twice),
    ])
    func `is nowhere if it is written wrongly`(url: String, fault: RedisPlaceFault) {
        #expect(throws: fault) { _ = try RedisPlace(url) }
    }
}
