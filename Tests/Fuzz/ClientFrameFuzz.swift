import Basics
import Calls
import Wire

/// A frame is read the same from JSON as from MessagePack that says the same, and either way it is a
/// frame or a fault.
let fuzzClientFrame: FuzzTarget = { bytes in
    do throws(ClientFrameFault) {
        check(try ClientFrame(binary: bytes.span))
    } catch {
        precondition(!error.description.isEmpty, "a fault says something")
    }
    var inText: ClientFrame?
    do throws(ClientFrameFault) {
        let frame = try ClientFrame(text: bytes.span)
        check(frame)
        inText = frame
    } catch {
        precondition(!error.description.isEmpty, "a fault says something")
    }
    guard let json = try? JSONValue(parsing: bytes.span) else {
        precondition(inText == nil, "a frame that is no JSON")
        return
    }
    var packed: [UInt8] = []
    MessagePackValue(json).write(into: &packed)
    guard packed.count <= ClientFrame.longest, bytes.count <= ClientFrame.longest else { return }
    var inBinary: ClientFrame?
    do throws(ClientFrameFault) {
        inBinary = try ClientFrame(binary: packed.span)
    } catch {
        // MessagePack counts names as elements, so that it may be refused where JSON is not.
        if error.description.contains("limit of elements") { return }
    }
    precondition(inText == inBinary, "one message in two languages is two")
}

private func check(_ frame: ClientFrame) {
    switch frame.content {
    case .authenticate(let token):
        precondition(token.revealed.count <= 8_192)
    case .unknown(let action):
        precondition(action.utf8.count <= 128)
    case .calls(.join(let wish)):
        precondition(wish.title.utf8.count <= 512 && [0, 26].contains(wish.thread.count))
    case .calls(.word(.screenOn(let stream))), .calls(.word(.videoOn(let stream))):
        precondition((1...256).contains(stream.utf8.count))
    case .calls(.word(.description(let description))):
        precondition(description.sdp.utf8.count <= MediaDescription.longest)
    case .calls(.word(.caption(let caption))):
        precondition(caption.newAudio >= 0 && caption.text.utf8.count <= 4_096)
    case .calls, .ping:
        break
    }
}
