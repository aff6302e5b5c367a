#if canImport(CIPSec)
internal import CIPSec

/// Intel's multi-buffer library, set up once for the whole process.
///
/// Only its synchronous calls are used. Those of GCM know no manager, only the key and a scratch area;
/// a burst of one in counter mode reads the manager's function table. The one thing that all of them
/// write and share is an error number that nobody here reads, so that any number of threads may use
/// them at once, and two that did were no slower than one.
@safe struct MultiBuffer: Sendable {
    /// None where the processor lacks the instructions: what the library does then is slower than
    /// OpenSSL, or not done in constant time.
    static let shared = MultiBuffer()

    nonisolated(unsafe) let pointer: UnsafeMutablePointer<IMB_MGR>

    private init?() {
        guard let pointer = unsafe alloc_mb_mgr(0) else { return nil }
        unsafe init_mb_mgr_auto(pointer, nil)
        let wanted =
            IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SELF_TEST
            | IMB_FEATURE_SELF_TEST_PASS
        guard unsafe imb_get_errno(pointer) == 0, unsafe pointer.pointee.features & wanted == wanted
        else {
            unsafe free_mb_mgr(pointer)
            return nil
        }
        unsafe self.pointer = pointer
    }
}
#endif
