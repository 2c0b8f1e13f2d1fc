/// The verdict in Vietnamese.
enum VietnameseWording: VerdictWording {
    static func sentence(_ outcome: Outcome) -> String {
        switch outcome {
        case .genuine: "Thẻ là thật: dữ liệu do Nhà nước ký số, không bị sửa đổi và chip là bản gốc"
        case .authenticData:
            "Dữ liệu là thật: do Nhà nước ký số và không bị sửa đổi; chưa chứng minh được chip là bản gốc"
        case .invalid: "Không được chấp nhận thẻ: có ít nhất một nội dung kiểm tra không đạt"
        case .unverified: "Chưa xác minh được thẻ: còn thiếu điều kiện cần thiết để kết luận"
        }
    }

    static func sentence(_ remark: ValidityRemark) -> String {
        switch remark {
        case .expired: "Thẻ đã hết thời hạn sử dụng"
        case .reportedLost: "Thẻ đã được báo mất"
        case .expiryUnknown: "Không xác định được thời hạn sử dụng của thẻ"
        }
    }

    static func name(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodStructure: "Đối tượng an ninh"
        case .sodMessageDigest: "Giá trị băm của nội dung được ký"
        case .sodSignature: "Chữ ký số"
        case .signerChain: "Nguồn cấp chứng thư số của bên ký"
        case .signerValidity: "Thời hạn của chứng thư số"
        case .signerUsage: "Mục đích sử dụng chứng thư số"
        case .signerRevocation: "Tình trạng thu hồi chứng thư số"
        case .signerStrength: "Độ mạnh của thuật toán"
        case .dataGroupsHash: "Tính toàn vẹn của dữ liệu"
        case .dataGroupsComplete: "Tính đầy đủ của dữ liệu"
        case .dataGroupsIndex: "Danh mục nhóm dữ liệu"
        case .chipAuthentication: "Xác thực chip"
        case .chipActiveAuthentication: "Xác thực chủ động"
        case .chipCardSecurity: "Chữ ký của EF.CardSecurity"
        case .chipDowngrade: "Chống hạ cấp giao thức truy cập"
        case .holderConsistency: "Tính thống nhất của thông tin chủ thẻ"
        case .documentExpiry: "Thời hạn sử dụng của thẻ"
        case .documentLost: "Tình trạng báo mất thẻ"
        }
    }

    static func sentence(_ advice: Advice) -> String {
        switch advice {
        case .refuseAndReport: "Không chấp nhận thẻ; báo cho cơ quan Công an nơi gần nhất"
        case .reportFoundCard: "Không chấp nhận thẻ; báo cho cơ quan Công an việc thẻ này được xuất trình"
        case .readAgain: "Đọc lại thẻ; nếu kết quả không đổi thì không chấp nhận thẻ"
        case .readMissingFiles: "Đọc các tệp còn thiếu từ thẻ; phần chưa đọc thì chưa được chứng minh"
        case .askTheChip: "Đọc trực tiếp thẻ bằng đầu đọc: dữ liệu lưu sẵn không chứng minh được chip"
        case .useAnotherReader: "Đọc thẻ bằng đầu đọc khác; kiểm tra đầu đọc này trước khi dùng lại"
        case .checkInput:
            "Đối chiếu thông tin đã nhập hoặc đã quét với thẻ; nếu đã nhập đúng thì không chấp nhận thẻ và báo cho cơ quan Công an"
        case .readPrintedDate: "Xem thời hạn in trên thẻ"
        case .renewDocument: "Chủ thẻ phải làm thủ tục cấp đổi thẻ tại cơ quan quản lý căn cước"
        case .askRegistry: "Tra cứu danh sách thẻ báo mất, nếu có"
        case .importAnchor:
            "Nhập chứng thư số của tổ chức chứng thực gốc quốc gia (CSCA) của nước cấp thẻ (cccd trust import)"
        case .importNewerAnchor:
            "Nhập chứng thư số CSCA mới nhất của nước cấp thẻ; nếu kết quả không đổi thì không chấp nhận thẻ"
        case .importSigner: "Nhập chứng thư số của bên ký, nếu nước cấp thẻ có công bố (cccd trust import)"
        case .importRevocationList: "Nhập danh sách chứng thư số bị thu hồi hiện hành của CSCA (cccd trust import)"
        case .checkClock: "Kiểm tra ngày giờ của máy này; nếu đúng thì hỏi cơ quan cấp thẻ"
        case .askIssuer: "Chưa chấp nhận thẻ cho đến khi cơ quan cấp thẻ xác nhận"
        case .identifyOtherwise: "Không dựa vào kết quả này; xác định nhân thân bằng cách khác"
        case .settleEarlierCheck: "Xem các nội dung kiểm tra không đạt trước đó"
        }
    }

    static func heading(_ part: VerdictPart) -> String {
        switch part {
        case .holder: "Chủ thẻ"
        case .notProven: "chưa được chứng minh"
        case .personalNumber: "số định danh cá nhân"
        case .born: "ngày sinh"
        case .signer: "Bên ký"
        case .trustedThrough: "được bảo đảm bởi"
        case .notTrusted: "không có CSCA tin cậy nào bảo đảm"
        case .unknownAlgorithm: "thuật toán không xác định"
        case .technicalDetail: "chi tiết kỹ thuật"
        }
    }

    static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> String { "\(day)/\(month)/\(year)" }

    static func word(_ word: String) -> String? { words[word] }

    private static let words: [String: String] = [
        "onlyInCOM": "chỉ có trong EF.COM", "onlyInSOD": "chỉ có trong EF.SOD",
        "subject": "chứng thư số của", "notBefore": "có giá trị từ", "notAfter": "đến", "thisUpdate": "phát hành",
        "nextUpdate": "kỳ sau", "none": "không có",
        "personalNumber": "số định danh cá nhân", "personal number": "số định danh cá nhân", "name": "họ và tên",
        "fullName": "họ và tên", "birthDate": "ngày sinh", "birthYear": "năm sinh", "sex": "giới tính",
        "nationality": "quốc tịch", "ethnicity": "dân tộc", "religion": "tôn giáo",
        "placeOfOrigin": "quê quán", "residence": "nơi cư trú", "identifyingFeatures": "đặc điểm nhận dạng",
        "issueDate": "ngày cấp", "expiryDate": "ngày hết hạn", "parentNames": "họ tên cha, mẹ",
        "spouseName": "họ tên vợ hoặc chồng", "oldNumber": "số giấy tờ cũ", "chipSerial": "số chip",
        "documentNumber": "số thẻ", "optionalData": "dữ liệu tùy chọn", "composite": "toàn bộ các dòng",
        "expiry date": "ngày hết hạn",
        "place code of no province": "mã nơi đăng ký khai sinh không ứng với tỉnh, thành phố nào",
        "not at one of the law's ages": "không trùng các mốc tuổi phải cấp đổi theo luật",
        "chip": "chip", "given": "số đã nhập", "QR text": "mã QR",
        "signer's key": "khóa của bên ký", "signature": "chữ ký", "data group hashes": "giá trị băm nhóm dữ liệu",
        "message digest": "giá trị băm của nội dung được ký", "unknown hash": "thuật toán băm không xác định",
        "signer's certificate": "chứng thư số của bên ký", "CSCA's key": "khóa của CSCA",
        "nonMinimalLength": "độ dài ghi thừa byte", "indefiniteLength": "độ dài không xác định",
        "trailingBytes": "byte thừa ở cuối", "unsortedAttributes": "thuộc tính được ký không theo thứ tự",
        "digestInfoWithoutNULL": "thuật toán băm thiếu tham số NULL",
        "syntaxVersion": "phiên bản cú pháp khác với quy định cho cấu trúc này",
        "digestAlgorithmNotAnnounced": "thuật toán băm không được khai báo trước",
        "issuerNameOrder": "tên bên cấp ghi theo thứ tự khác",
        "furtherSignerNotJudged": "còn một bên ký khác không thể đánh giá",
        "keyAlgorithmForSignature": "thuật toán chữ ký chỉ ghi loại khóa",
        "issuerNameEncoding": "tên bên cấp ghi bằng kiểu chữ hoặc mã hóa khác",
        "serialNumberEncoding": "số sê-ri ghi thừa byte",
        "authorityKeyIdentifier": "định danh khóa bên cấp chỉ tới chứng thư số khác",
    ]
}
