import Foundation
import Kernels

/// A page in one file, which loads nothing, and runs no script and no style but its own: its policy names their
/// hashes.
struct HTMLDocument {
  var title: String
  /// Both are the program's own, and go into the page as they are.
  var style: String
  var script: String
  var body: [HTML]

  func text() -> String {
    var page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title.escapedForPage)</title>
      <style>\(style)</style>
      </head>
      <body>

      """
    for piece in body {
      piece.write(to: &page)
      page += "\n"
    }
    return page + "<script>\(script)</script>\n</body>\n</html>\n"
  }

  private var policy: String {
    [
      "default-src 'none'", "style-src '\(Self.source(style))'", "script-src '\(Self.source(script))'",
      "base-uri 'none'", "form-action 'none'",
    ].joined(separator: "; ")
  }

  /// How a policy names what stands in a page.
  static func source(_ text: String) -> String {
    "sha256-" + Data(SHA256.digest(of: Array(text.utf8))).base64EncodedString()
  }
}
