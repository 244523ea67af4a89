import Foundation
import Synchronization

/// What all copies of an `Output` share.
public final class OutputChannel: Sendable {
  public enum Destination: Sendable {
    case descriptor(Int32)
    case memory
  }

  private struct State {
    /// What has not been written yet: the beginning of a line.
    var pending = ""
    /// What stands below the text and is not part of it, such as a progress bar.
    var status = ""
    var memory: [UInt8] = []
    /// The first error of a write; nothing is written after it.
    var failure: Int32?
  }

  private let destination: Destination
  private let state = Mutex(State())

  init(_ destination: Destination) {
    self.destination = destination
  }

  func write(_ text: String) {
    state.withLock { state in
      state.pending += text
      guard let newline = state.pending.utf8.lastIndex(of: UInt8(ascii: "\n")) else { return }
      let next = state.pending.utf8.index(after: newline)
      let lines = String(state.pending[..<next])
      send(state.status.isEmpty ? lines : eraseLine + lines + state.status, &state)
      state.pending = String(state.pending[next...])
    }
  }

  func flush() {
    state.withLock { state in
      if !state.pending.isEmpty { send(state.pending, &state) }
      state.pending = ""
    }
  }

  func showStatus(_ line: String) {
    state.withLock { state in
      if line != state.status { send(eraseLine + line, &state) }
      state.status = line
    }
  }

  var status: String { state.withLock { $0.status } }

  var text: String { String(decoding: state.withLock { $0.memory }, as: UTF8.self) }

  var failure: String? {
    let code = state.withLock { $0.failure }
    return code.flatMap { $0 == EPIPE ? nil : String(cString: strerror($0)) }
  }

  var terminalWidth: Int? {
    guard case .descriptor(let descriptor) = destination else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private func send(_ text: String, _ state: inout State) {
    guard state.failure == nil else { return }
    switch destination {
    case .memory: state.memory += text.utf8
    case .descriptor(let descriptor): state.failure = writeAll(Array(text.utf8)[...], to: descriptor)
    }
  }
}

private let eraseLine = "\r\u{1B}[K"

/// Writes all bytes, however often the system takes only a part of them. Returns the error that ended it.
private func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32? {
  var rest = bytes
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno == EAGAIN {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&request, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return nil
}
