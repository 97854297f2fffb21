namespace RedLeafSharp.Lab.Reports;

/// <summary>A table of a report; the same in Markdown and on the page.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Note">How to read it; may be empty.</param>
/// <param name="Columns">Their names.</param>
/// <param name="Rows">A text for each column.</param>
internal sealed record ReportTable(
    string Title, string Note, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
