import Basics
import Testing

@Suite struct `A secret` {
    private struct Holder {
        var name = "key"
        var secret = Secret("hunter2")
    }

    @Test func `shows stars in every rendering`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        var dumpedHolder = ""
        dump([Holder()], to: &dumpedHolder)
        let renderings = [
            "\(secret)", String(describing: secret), String(reflecting: secret), dumped,
            "\(Holder())", "\(Optional(secret) as Any)", "\([secret])", dumpedHolder,
            "\(Mirror(reflecting: secret).children.map(\.value))",
        ]
        for rendering in renderings {
            #expect(!rendering.contains("hunter2") && !rendering.contains("104"), "\(rendering)")
        }
        #expect("\(secret)" == "********")
        #expect(dumped.contains("********"))
    }

    @Test func `reveals itself only when asked to`() {
        #expect(Secret("hunter2").revealed == Array("hunter2".utf8))
        #expect(Secret([0x68, 0x69]).revealedText == "hi")
    }

    @Test func `equals another with the same bytes`() {
        #expect(Secret("a") == Secret([0x61]))
        #expect(Secret("a") != Secret("b"))
        #expect(Secret("a") != Secret("aa"))
        #expect(Secret("") == Secret(""))
    }
}
