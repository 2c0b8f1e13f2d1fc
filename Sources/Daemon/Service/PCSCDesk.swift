import CardReader
import Dispatch
import Document

/// The readers of this machine, through pcscd.
///
/// Each call makes a connection of its own, so that pcscd may come and go.
struct PCSCDesk: CardDesk {
    /// How long to wait while another program has the reader.
    private static let otherProgramLimit = Duration.seconds(5)
    /// How long a card that was moved may take to come back, before whoever waits is told that it is gone.
    private static let patience = Duration.seconds(3)

    func readers() throws(CardReaderError) -> [DeskReader] {
        let states: [ReaderState]
        do throws(CardReaderError) {
            states = try PCSCContext().readers()
        } catch .noReader {
            return []
        }
        return states.map(DeskReader.init)
    }

    func watch(_ told: @escaping @Sendable (Result<[DeskReader], CardReaderError>) -> Void) -> any ReaderWatch {
        PCSCWatch(told)
    }

    func read(
        _ request: ReadRequest, at reader: String, cancellation: Cancellation, observer: ReadObserver
    ) throws(CardReaderError) -> CardReading {
        guard !cancellation.isCancelled else { throw .cancelled }
        var persistent = PersistentRead(reader: reader, patience: Self.patience)
        persistent.otherProgramLimit = Self.otherProgramLimit
        let read = try persistent.run(
            request, channel: { CancellableChannel($0, cancellation) }, shouldGoOn: { !cancellation.isCancelled },
            progress: { progress in
                observer.progressed(
                    DeskProgress(
                        file: progress.file.name, fileBytes: progress.fileBytesRead, fileSize: progress.fileByteCount,
                        bytes: progress.bytesRead))
            }, beforePortrait: { observer.beforePortrait(CardReading($0)) },
            waiting: { observer.waits(Int($0.elapsed.components.seconds), $0.followsWrongKey) },
            interrupted: { observer.isInterrupted($0.cause, $0.byteCount) })
        return CardReading(read)
    }
}

extension DeskReader {
    fileprivate init(_ state: ReaderState) {
        self.init(name: state.name, isCardPresent: state.isCardPresent, isCardMute: state.isCardMute)
    }
}

/// pcscd being watched, also over its coming and going.
private final class PCSCWatch: ReaderWatch {
    private static let pause = DispatchTimeInterval.seconds(2)

    private let monitor = ReaderMonitor()
    private let stopSignal = DispatchSemaphore(value: 0)
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ told: @escaping @Sendable (Result<[DeskReader], CardReaderError>) -> Void) {
        DispatchQueue(label: "cccd.readers").async { [monitor, stopSignal, hasEnded] in
            defer { hasEnded.signal() }
            var known: [ReaderState] = []
            while true {
                do throws(CardReaderError) {
                    known = try monitor.nextChange(from: known)
                    told(.success(known.map(DeskReader.init)))
                } catch {
                    if error == .cancelled { return }
                    known = []
                    told(error == .noReader ? .success([]) : .failure(error))
                    if stopSignal.wait(timeout: .now() + Self.pause) == .success { return }
                }
            }
        }
    }

    func stop() {
        stopSignal.signal()
        monitor.stop()
        hasEnded.wait()
    }
}

/// A card that is let go between two commands once nobody wants it read any more.
private final class CancellableChannel: CardChannel {
    private let card: any CardChannel
    private let cancellation: Cancellation

    init(_ card: any CardChannel, _ cancellation: Cancellation) {
        self.card = card
        self.cancellation = cancellation
    }

    var atr: [UInt8] { card.atr }
    var allowsExtendedLength: Bool { card.allowsExtendedLength }

    func transmit(
        _ command: [UInt8], deadline: ContinuousClock.Instant?
    ) throws(CardReaderError) -> [UInt8] {
        try transmit(command, deadline: deadline, waiting: { _ in })
    }

    func transmit(
        _ command: [UInt8], deadline: ContinuousClock.Instant?, waiting: (Duration) -> Void
    ) throws(CardReaderError) -> [UInt8] {
        guard !cancellation.isCancelled else { throw .cancelled }
        return try card.transmit(command, deadline: deadline, waiting: waiting)
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {
        guard !cancellation.isCancelled else { throw .cancelled }
        try card.reset(deadline: deadline)
    }
}

extension CardReading {
    fileprivate init(_ read: ChipRead) {
        self.init(image: read.image, digests: read.digests, proofs: read.proofs, facts: ReadFacts(read))
    }
}

extension ReadFacts {
    fileprivate init(_ read: ChipRead) {
        switch read.access {
        case .pace(let oid, let parameterID, let password):
            access = "pace"
            self.password = password == .can ? "can" : "mrz"
            protocolOID = oid.description
            self.parameterID = parameterID
        case .basicAccessControl:
            access = "bac"
            password = "mrz"
        case .none: access = "none"
        }
        attempts = read.attempts.count
        answerToReset = Hexadecimal.text(read.atr)
        unread = read.unread.map { Unread(file: $0.file.name, reason: $0.reason.description) }
        commands = read.apduCount
        bytes = read.byteCount
        seconds = (read.seconds * 1000).rounded() / 1000
    }
}
