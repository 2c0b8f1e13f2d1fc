import Registry
import Testing

@testable import Daemon

@Suite("Records of prompt answers")
struct PromptRecordTests {
    @Test("a prompt answer's record is the event's, byte for byte", arguments: Role.allCases)
    func sameAsEvent(_ role: Role) {
        let process = PeerCredentials(pid: 4711, uid: 1000, gid: 100, groups: [4])
        let visitor = Visitor(identity: .user(1000), role: role, rights: Rights(role))
        var event = AuditEvent(.insurance, by: visitor, .process(process))
        event.subject = String(repeating: "0af9", count: 16)
        event.insurance = "valid"
        var json = JSONText()
        let hash = [UInt8]((0..<32).map { $0 % 2 == 0 ? 0x0A : 0xF9 })
        PromptRecord(by: visitor, process).write(at: event.at, "valid", about: hash.span, to: &json)
        #expect(json.bytes == event.body)
    }
}
