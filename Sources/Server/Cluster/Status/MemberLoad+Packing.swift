package import Coordination
package import Wire

extension MemberLoad: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            for number in [calls, sessions, callLimit, sessionLimit, busyThousandths] {
                record.write(UInt64(number))
            }
            record.write(isMarked)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            MemberLoad(
                calls: UInt32(clamping: try record.number()),
                sessions: UInt32(clamping: try record.number()),
                callLimit: UInt32(clamping: try record.number()),
                sessionLimit: UInt32(clamping: try record.number()),
                busyThousandths: UInt32(clamping: try record.number()),
                isMarked: try record.read()
            )
        }
    }
}
