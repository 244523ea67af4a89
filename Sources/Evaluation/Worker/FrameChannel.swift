import Dispatch
import Synchronization
import TensorCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Sends and receives frames on file descriptors, which it does not own.
struct FrameChannel: Sendable {
  var input: Int32
  var output: Int32

  /// The other side closed its end.
  struct EndOfStream: Error {}

  /// - Throws: `EndOfStream`, or `WorkerError` for the deadline, cancelling and what is no frame.
  func receive(_ limit: WaitLimit = .none) throws -> ReceivedFrame {
    let (headerCount, blobCount) = try Frame.byteCounts(prefix: read(Frame.prefixByteCount, limit))
    return ReceivedFrame(header: try read(headerCount, limit), blobs: try read(blobCount, limit))
  }

  func send(_ frame: Frame, _ limit: WaitLimit = .none) throws {
    try (frame.prefix + frame.header).withUnsafeBytes { try write($0, limit) }
    for blob in frame.blobs.blobs {
      switch blob {
      case .bytes(let bytes): try bytes.withUnsafeBytes { try write($0, limit) }
      case .tensor(let tensor): try tensor.withUnsafeBytes { try write($0, limit) }
      }
    }
  }

  private func read(_ count: Int, _ limit: WaitLimit) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        try limit.wait(for: input, POLLIN)
        let target = UnsafeMutableRawBufferPointer(buffer)[filled...]
        let got = systemRead(input, UnsafeMutableRawBufferPointer(rebasing: target))
        if got > 0 {
          filled += got
        } else if got == 0 || !Self.isTemporary(errno) {
          throw EndOfStream()
        }
      }
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, _ limit: WaitLimit) throws {
    var rest = bytes
    while !rest.isEmpty {
      try limit.wait(for: output, POLLOUT)
      let sent = systemWrite(output, rest)
      if sent >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[sent...])
      } else if !Self.isTemporary(errno) {
        throw EndOfStream()
      }
    }
  }

  private static func isTemporary(_ code: Int32) -> Bool {
    code == EINTR || code == EAGAIN || code == EWOULDBLOCK
  }
}

/// How long to wait for the other side.
struct WaitLimit: Sendable {
  private let seconds: Double
  private let deadline: UInt64
  private let isCancelled: CancellationFlag?

  static let none = WaitLimit(seconds: .infinity, deadline: .max, isCancelled: nil)

  init(seconds: Double, isCancelled: CancellationFlag) {
    let now = DispatchTime.now().uptimeNanoseconds
    self.init(
      seconds: seconds, deadline: now + UInt64(max(0, min(seconds, 1e8)) * 1e9), isCancelled: isCancelled)
  }

  private init(seconds: Double, deadline: UInt64, isCancelled: CancellationFlag?) {
    self.seconds = seconds
    self.deadline = deadline
    self.isCancelled = isCancelled
  }

  /// Returns once `descriptor` is ready, or broken, which the next call on it tells.
  func wait(for descriptor: Int32, _ event: some BinaryInteger) throws {
    guard deadline != .max else { return }
    while true {
      if isCancelled?.isSet == true { throw WorkerError.cancelled }
      let now = DispatchTime.now().uptimeNanoseconds
      guard now < deadline else { throw WorkerError.timedOut(seconds: seconds) }
      var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      let milliseconds = min((deadline - now) / 1_000_000 + 1, 100)
      if poll(&request, 1, Int32(milliseconds)) > 0 { return }
    }
  }
}

/// Ends what waits for a worker: once it is set, from any thread, and while its condition holds.
final class CancellationFlag: Sendable {
  typealias Condition = @Sendable () -> Bool

  private let flag = Atomic(false)
  private let condition = Mutex<Condition?>(nil)

  var isSet: Bool {
    flag.load(ordering: .relaxed) || condition.withLock { $0 }?() == true
  }

  func set() { flag.store(true, ordering: .relaxed) }

  /// - Returns: the condition until now.
  func exchangeCondition(_ new: Condition?) -> Condition? {
    condition.withLock { condition in
      defer { condition = new }
      return condition
    }
  }
}

private func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, target.baseAddress, target.count)
}

/// A broken pipe must be an error here, not a signal: sockets can be told so, and a worker ignores it.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  #if canImport(Darwin)
    return write(descriptor, bytes.baseAddress, bytes.count)
  #else
    let sent = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    if sent >= 0 || errno != ENOTSOCK { return sent }
    return write(descriptor, bytes.baseAddress, bytes.count)
  #endif
}
