/// What all calls come to, for whoever runs the service.
package struct CallStatistics: Sendable {
    package var calls = 0
    /// Of calls that have ended.
    package var meanSeconds = 0.0
    /// Different people in a call.
    package var meanPeople = 0.0
    /// Camera seconds of all participants, in all calls.
    package var videoSeconds = 0
    package var videoCalls = 0
    package var screenCalls = 0
    /// Days as 2026-11-21, the last thirty, and only those on which there was a call.
    package var callsByDay: [(String, Int)] = []
    /// Months as 2026-11, the last twelve.
    package var callsByMonth: [(String, Int)] = []
    package var recordingsByDay: [(String, Int)] = []
    package var recordingsByMonth: [(String, Int)] = []

    package init() {}

    package var meanVideoSeconds: Int { videoCalls > 0 ? videoSeconds / videoCalls : 0 }
}
