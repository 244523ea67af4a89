/// A stream of text to a file descriptor, or to memory for tests.
///
/// Every complete line is written at once, so that nothing is lost when the process ends by a trap, and lines of
/// several streams keep their order; what does not end in a newline waits for `flush()`. When the reader has gone
/// away, what follows is dropped without a word.
public struct Output: Sendable {
  public let isTerminal: Bool
  public let style: TextStyle
  private let channel: OutputChannel
  private let fixedWidth: Int?

  public init(
    _ destination: OutputChannel.Destination, isTerminal: Bool, style: TextStyle = .plain, width: Int? = nil
  ) {
    self.init(OutputChannel(destination), isTerminal: isTerminal, style: style, width: width)
  }

  private init(_ channel: OutputChannel, isTerminal: Bool, style: TextStyle, width: Int?) {
    self.channel = channel
    self.isTerminal = isTerminal
    self.style = style
    fixedWidth = width
  }

  public func write(_ text: String) { channel.write(text) }

  public func writeLine(_ line: String) { channel.write(line + "\n") }

  /// Writes what has no newline yet.
  public func flush() { channel.flush() }

  /// The width of the terminal in columns; 80 where there is none.
  public var width: Int { fixedWidth ?? (isTerminal ? channel.terminalWidth : nil) ?? 80 }

  /// What a write failed with, other than that the reader had gone away.
  public var failure: String? { channel.failure }

  /// All that was written to memory.
  public var text: String { channel.text }

  /// The same stream with other colours.
  func styled(_ style: TextStyle) -> Output {
    Output(channel, isTerminal: isTerminal, style: style, width: fixedWidth)
  }

  /// Shows `line` below everything written, until it is replaced or, by an empty one, removed. Only on terminals.
  func showStatus(_ line: String) {
    if isTerminal { channel.showStatus(line) }
  }

  /// Runs `body` with the status line off the screen, so that it can write to another stream on it.
  func withoutStatus(_ body: () -> Void) {
    let status = channel.status
    showStatus("")
    body()
    showStatus(status)
  }
}
