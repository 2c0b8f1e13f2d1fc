import CardReader
import Document
import Verifier

/// `POST /v1/read`: reads what the caller chooses of a card, and judges it.
struct CardRead: Sendable {
    private let desk: any CardDesk
    private let turn: ReaderTurn
    private let judge: CardJudge
    private let running: RunningState
    private let log: Log

    init(services: DaemonServices, configuration: Configuration, running: RunningState, log: Log) {
        desk = services.desk
        turn = ReaderTurn(services: services, configuration: configuration, running: running, log: log)
        judge = CardJudge(services: services, log: log)
        self.running = running
        self.log = log
    }

    /// Finds the reader and leaves the rest to its thread; blocks only for as long as that takes.
    func handle(_ request: HTTPRequest, _ reply: HTTPReply) throws(Problem) {
        let open = try OpenCall(.read, request, reply, running, log: log)
        do throws(Problem) {
            let order = try RequestBody.decode(CardReadRequest.self, from: request.body)
            open.expect(order.key)
            try admit(order, from: open.visitor)
            try turn.take(for: open, reader: order.reader, mayWait: order.mayWait) { [self] reader, events in
                answer(to: order, at: reader, open, events)
            }
        } catch {
            open.finish(with: error)
        }
    }

    /// A file tells all that is in it, and its hash proves it to everybody: so files are for callers alone from whom nothing of
    /// the card is withheld, whichever files they are.
    private func admit(_ order: CardReadRequest, from visitor: Visitor) throws(Problem) {
        if order.readsPortrait { try visitor.require(AnswerField.portrait) }
        guard order.cardImage else { return }
        try visitor.require(.cardImage)
        for field in AnswerField.allCases where field.isOnCard { try visitor.require(field) }
    }

    private func answer(
        to order: CardReadRequest, at reader: String, _ open: OpenCall, _ events: CardCallEvents
    ) -> Result<CardReadAnswer, Problem> {
        let request = ReadRequest(key: order.key, files: order.selection, timeLimit: turn.timeLeft(for: open))
        let observer = events.observer { reading in
            events.decided(
                judge.verdict(on: reading, openedBy: order.key, at: order.day), portraitFollows: true)
        }
        do throws(CardReaderError) {
            let reading = try desk.read(request, at: reader, cancellation: open.cancellation, observer: observer)
            let verdict = judge.verdict(on: reading, openedBy: order.key, at: order.day)
            events.decided(verdict, portraitFollows: false)
            return .success(answer(to: order, with: reading, verdict, at: reader, open))
        } catch {
            return .failure(Problem(error, reader: reader))
        }
    }

    /// The answer with what the verdict stands on; notes for the audit log what it tells.
    private func answer(
        to order: CardReadRequest, with reading: CardReading, _ verdict: Verdict, at reader: String, _ open: OpenCall
    ) -> CardReadAnswer {
        let answer = CardReadAnswer(
            reader: reader, verdict: Judgement(verdict, texts: order.texts),
            holder: verdict.holder.map { DisclosedHolder(holder: $0, fields: open.visitor.rights.fields) },
            read: reading.facts, portrait: order.portrait ? ChipPortrait(reading.image) : nil,
            cardImage: order.cardImage ? reading.image : nil)
        open.note(verdict, withheld: answer.holder?.withheld ?? []) { event in
            event.portrait = answer.portrait == nil ? nil : true
            event.files = answer.cardImage.map { image in
                ElementaryFile.allCases.filter { image[$0] != nil }.map(\.name)
            }
        }
        return answer
    }
}
