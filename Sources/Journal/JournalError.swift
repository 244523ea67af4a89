/// Why a journal cannot be used.
public enum JournalError: Error, Hashable, CustomStringConvertible {
  /// Another process writes into it.
  case inUse(path: String)
  /// It is no journal, or the file cannot be read or written.
  case unusable(path: String, reason: String)
  /// It belongs to a run that was asked something else.
  case otherRun(path: String, differences: [String])

  public var description: String {
    switch self {
    case .inUse(let path): "\(path): another run is working in this folder"
    case .unusable(let path, let reason): "\(path): the journal cannot be used: \(reason)"
    case .otherRun(let path, let differences):
      "\(path): was begun with other settings: \(differences.joined(separator: "; "))"
    }
  }
}
