import CLinux
import Glibc

/// A thread of its own for work that blocks, which neither a loop nor Swift's pool may do.
///
/// Jobs wait in a bounded queue. The thread takes all that are waiting, up to a batch, and does them
/// together; whoever comes when the queue is full is told so at once and not made to wait.
package final class WorkThread<Job: Sendable>: Sendable {
    private let queue: WorkQueue<Job>

    /// Starts the thread. The work is called on it with one batch at a time, and let go of on it
    /// after the last one.
    package init(
        name: String,
        queueLimit: Int,
        batchLimit: Int,
        work: sending @escaping ([Job]) -> Void
    ) throws(StoreFault) {
        let queue = WorkQueue<Job>(limit: queueLimit)
        self.queue = queue
        let worker = Worker(name: name, queue: queue, batchLimit: batchLimit, work: work)
        let passed = unsafe Unmanaged.passRetained(worker as AnyWorker)
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, runWorker, passed.toOpaque())
        guard code == 0 else {
            unsafe passed.release()
            throw StoreFault(
                "no thread can be made for \(name) (\(systemText(code))); raise the limit of "
                    + "processes (ulimit -u)"
            )
        }
        pthread_detach(thread)
    }

    deinit {
        queue.close()
    }

    package enum Answer: Sendable {
        case accepted
        case full
        case closed
    }

    /// Puts a job at the end of the queue.
    package func submit(_ job: Job) -> Answer {
        queue.append(job)
    }

    package var waitingCount: Int { queue.count }

    /// Takes no more jobs, and returns when those that were waiting are done and the thread has let
    /// go of its work.
    package func close() async {
        queue.close()
        await queue.end()
    }
}

/// What the new thread is handed. It knows no generics, so it is called through a class.
private class AnyWorker {
    func run() {}
}

private func runWorker(_ passed: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let passed = unsafe passed else { return nil }
    let worker = unsafe Unmanaged<AnyWorker>.fromOpaque(passed).takeRetainedValue()
    worker.run()
    return nil
}

private final class Worker<Job: Sendable>: AnyWorker {
    private let name: String
    private let queue: WorkQueue<Job>
    private let batchLimit: Int
    private var work: (([Job]) -> Void)?

    init(name: String, queue: WorkQueue<Job>, batchLimit: Int, work: @escaping ([Job]) -> Void) {
        self.name = name
        self.queue = queue
        self.batchLimit = batchLimit
        self.work = work
    }

    override func run() {
        unsafe pthread_setname_np(pthread_self(), String(name.prefix(15)))
        while true {
            let batch = queue.next(upTo: batchLimit)
            if batch.isEmpty { break }
            work?(batch)
        }
        work = nil
        queue.finish()
    }
}

/// The queue between those who have work and the one who does it.
///
/// A mutex and a condition of the C library, since Swift's `Mutex` has nothing to wait on. Both live
/// in memory of their own and never move; all that they guard is private to this class.
@safe private final class WorkQueue<Job: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let bell: UnsafeMutablePointer<pthread_cond_t>
    private let limit: Int
    private var jobs: [Job] = []
    private var isClosed = false
    private var isFinished = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(limit: Int) {
        self.limit = limit
        unsafe mutex = .allocate(capacity: 1)
        unsafe bell = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(bell, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(bell)
        unsafe pthread_mutex_destroy(mutex)
        unsafe bell.deallocate()
        unsafe mutex.deallocate()
    }

    var count: Int { locked { jobs.count } }

    func append(_ job: Job) -> WorkThread<Job>.Answer {
        locked {
            guard !isClosed else { return .closed }
            guard jobs.count < limit else { return .full }
            jobs.append(job)
            if jobs.count == 1 { unsafe pthread_cond_signal(bell) }
            return .accepted
        }
    }

    /// The next jobs in order, waiting for one if need be. None once the queue is closed and empty.
    func next(upTo batchLimit: Int) -> [Job] {
        locked {
            while jobs.isEmpty && !isClosed {
                unsafe pthread_cond_wait(bell, mutex)
            }
            guard jobs.count > batchLimit else {
                defer { jobs = [] }
                return jobs
            }
            defer { jobs.removeFirst(batchLimit) }
            return Array(jobs.prefix(batchLimit))
        }
    }

    func close() {
        locked {
            isClosed = true
            unsafe pthread_cond_signal(bell)
        }
    }

    func finish() {
        let waiters = locked {
            isFinished = true
            defer { self.waiters = [] }
            return self.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func end() async {
        await withCheckedContinuation { waiter in
            let isFinished = locked {
                if !self.isFinished { waiters.append(waiter) }
                return self.isFinished
            }
            if isFinished { waiter.resume() }
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }
}
