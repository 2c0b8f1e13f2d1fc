import Document
import Verifier

/// `POST /v1/verify`: judges a card image that the caller sends.
struct ImageVerification: Sendable {
    private let judge: CardJudge
    private let running: RunningState
    private let log: Log

    init(services: DaemonServices, running: RunningState, log: Log) {
        judge = CardJudge(services: services, log: log)
        self.running = running
        self.log = log
    }

    /// Answers; blocks for as long as that takes, which the size of a card image and the bounds of its parsers limit.
    func handle(_ request: HTTPRequest, _ reply: HTTPReply) throws(Problem) {
        let open = try OpenCall(.verify, request, reply, running, log: log)
        do throws(Problem) {
            guard !open.cancellation.isCancelled else {
                throw Problem(.cancelled, "The caller went away before it was his turn.")
            }
            let order = try RequestBody.decode(ImageVerificationRequest.self, from: request.body)
            open.finish(.success(answer(to: order, open)))
        } catch {
            open.finish(with: error)
        }
    }

    private func answer(to order: ImageVerificationRequest, _ open: OpenCall) -> ImageVerificationAnswer {
        let verdict = judge.verdict(onStored: order.image, qrText: order.qrText, at: order.day)
        let answer = ImageVerificationAnswer(
            verdict: Judgement(verdict, texts: order.texts),
            holder: verdict.holder.map { DisclosedHolder(holder: $0, fields: open.visitor.rights.fields) })
        open.note(verdict, withheld: answer.holder?.withheld ?? [])
        return answer
    }
}

/// The answer of `POST /v1/verify`.
struct ImageVerificationAnswer: CardAnswer {
    private enum CodingKeys: String, CodingKey { case verdict, holder, withheld }

    /// Whether the card is genuine, and why.
    var verdict: Judgement
    /// Whose card it says it is; `isProven` tells whether that is certain.
    var holder: DisclosedHolder?

    var readFacts: ReadFacts? { nil }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(verdict, forKey: .verdict)
        try container.encodeIfPresent(holder, forKey: .holder)
        if let withheld = holder?.withheld, !withheld.isEmpty { try container.encode(withheld, forKey: .withheld) }
    }
}
