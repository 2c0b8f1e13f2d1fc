/// What an explanation of trust has to say, apart from any language.
enum TrustPhrase {
    case judgedAsOf(day: String, anchorCount: Int)
    case signer(number: Int, isPrincipal: Bool)
    case namedByKeyIdentifier(String)
    case namedByIssuer(String, serialNumber: String)
    case noCertificateFits
    case signersCertificate(isInSecurityObject: Bool)
    case signatureIsByItsKey
    case signature(String)
    case trustAnchor(source: String)
    case subject(String, serialNumber: String)
    case key(String?, from: String, to: String)
    case signedTheSigner
    case signedTheSignerButAnotherWasChosen
    case tolerated(String, name: String)
    case nameInAnotherOrder
    case otherAuthorityKeyIdentifier
    case fault(AnchorExamination.Fault)
    case noAnchorOfThatName
    case anchorsOfSameCountry([String])
    case noRevocationList
    case revocationList(of: String, next: String?, entryCount: Int)
}

extension VerdictLanguage {
    /// The phrase in this language, a line without a full stop.
    func text(_ phrase: TrustPhrase) -> String {
        switch self {
        case .english: Self.english(phrase)
        case .vietnamese: Self.vietnamese(phrase)
        }
    }

    private static func english(_ phrase: TrustPhrase) -> String {
        switch phrase {
        case .judgedAsOf(let day, let count): "certificates are judged as of \(day); trust anchors: \(count)"
        case .signer(let number, let isPrincipal):
            "signer \(number)" + (isPrincipal ? ", on whom the verdict rests" : "")
        case .namedByKeyIdentifier(let key): "signer is named by key identifier \(key)"
        case .namedByIssuer(let issuer, let serial): "signer is named by issuer \(issuer) and serial number \(serial)"
        case .noCertificateFits: "no certificate fits, neither in EF.SOD nor in the trust store"
        case .signersCertificate(let isInside):
            "signer's certificate, found in \(isInside ? "EF.SOD" : "the trust store")"
        case .signatureIsByItsKey: "the signature is by its key"
        case .signature(let reason): "signature: \(reason)"
        case .trustAnchor(let source): "trust anchor from \(source)"
        case .subject(let name, let serial): "\(name), serial number \(serial)"
        case .key(let key, let from, let to): "\(key ?? "unusable key"), valid \(from) to \(to)"
        case .signedTheSigner: "its key signed the signer's certificate"
        case .signedTheSignerButAnotherWasChosen:
            "its key signed the signer's certificate; another certificate of the key was chosen"
        case .tolerated(let words, let name): "tolerated: \(words) (\(name))"
        case .nameInAnotherOrder: "its name is the issuer's in another order"
        case .otherAuthorityKeyIdentifier: "the signer's certificate names another authority key identifier"
        case .fault(.notSignedByKey): "its key did not sign the signer's certificate"
        case .fault(.notAuthority): "it does not say that it is a certification authority"
        case .fault(.noCertificateSigning): "its key is not for signing certificates"
        case .fault(.notYetValid): "it was not yet valid"
        case .fault(.expired): "it was no longer valid"
        case .noAnchorOfThatName: "no trust anchor has the name of the issuer"
        case .anchorsOfSameCountry(let names): "trust anchors of the same country: \(names.joined(separator: "; "))"
        case .noRevocationList: "no revocation list of the chosen anchor"
        case .revocationList(let day, let next, let count):
            "revocation list of \(day), \(next.map { "next due \($0)" } ?? "without a next one"), \(count) revoked"
        }
    }

    private static func vietnamese(_ phrase: TrustPhrase) -> String {
        switch phrase {
        case .judgedAsOf(let day, let count): "chứng thư số được xét tại ngày \(day); số neo tin cậy: \(count)"
        case .signer(let number, let isPrincipal):
            "bên ký \(number)" + (isPrincipal ? ", là căn cứ của kết luận" : "")
        case .namedByKeyIdentifier(let key): "bên ký được chỉ ra bằng định danh khóa \(key)"
        case .namedByIssuer(let issuer, let serial): "bên ký được chỉ ra bằng bên cấp \(issuer) và số sê-ri \(serial)"
        case .noCertificateFits: "không có chứng thư số nào phù hợp, kể cả trong EF.SOD lẫn trong kho tin cậy"
        case .signersCertificate(let isInside):
            "chứng thư số của bên ký, lấy từ \(isInside ? "EF.SOD" : "kho tin cậy")"
        case .signatureIsByItsKey: "chữ ký được tạo bằng khóa của chứng thư số này"
        case .signature(let reason): "chữ ký: \(reason)"
        case .trustAnchor(let source): "neo tin cậy lấy từ \(source)"
        case .subject(let name, let serial): "\(name), số sê-ri \(serial)"
        case .key(let key, let from, let to): "\(key ?? "khóa không dùng được"), có giá trị từ \(from) đến \(to)"
        case .signedTheSigner: "khóa này đã ký chứng thư số của bên ký"
        case .signedTheSignerButAnotherWasChosen:
            "khóa này đã ký chứng thư số của bên ký; một chứng thư số khác của cùng khóa được chọn"
        case .tolerated(let words, let name): "chấp nhận sai khác: \(words) (\(name))"
        case .nameInAnotherOrder: "tên giống tên bên cấp nhưng ghi theo thứ tự khác"
        case .otherAuthorityKeyIdentifier: "chứng thư số của bên ký ghi định danh khóa bên cấp khác"
        case .fault(.notSignedByKey): "khóa này không ký chứng thư số của bên ký"
        case .fault(.notAuthority): "chứng thư số không khai báo là của tổ chức chứng thực"
        case .fault(.noCertificateSigning): "khóa này không dùng để ký chứng thư số"
        case .fault(.notYetValid): "khi đó chưa có giá trị"
        case .fault(.expired): "khi đó đã hết hạn"
        case .noAnchorOfThatName: "không có neo tin cậy nào mang tên bên cấp"
        case .anchorsOfSameCountry(let names): "các neo tin cậy của cùng quốc gia: \(names.joined(separator: "; "))"
        case .noRevocationList: "không có danh sách thu hồi của neo được chọn"
        case .revocationList(let day, let next, let count):
            "danh sách thu hồi ngày \(day), \(next.map { "kỳ sau \($0)" } ?? "không ghi kỳ sau"), \(count) chứng thư số bị thu hồi"
        }
    }
}
