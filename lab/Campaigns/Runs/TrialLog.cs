using System.Text;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// The results of a campaign on disk: a line of JSON for each trial, in the order of the trials. At any moment it holds whole
/// lines of a beginning of the campaign, and perhaps one torn line behind them, so it is its own record of how far the campaign
/// got.
/// </summary>
/// <remarks>
/// Whoever is killed while it writes leaves a beginning of what it would have written; the next one drops the torn line and goes
/// on behind it. That, and that a line depends on nothing but experiment, seed and build, is why an interrupted campaign ends in
/// the same bytes as one that was not.
/// </remarks>
internal sealed class TrialLog : IDisposable
{
    private readonly FileStream file;

    private TrialLog(FileStream file, long count)
    {
        this.file = file;
        Count = count;
    }

    /// <summary>How many whole lines there are.</summary>
    internal long Count { get; private set; }

    /// <summary>Opens a log behind its last whole line, or makes an empty one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="onLine">Is given each line that is there already.</param>
    internal static TrialLog Open(string path, Action<string> onLine)
    {
        long wholeBytes = 0;
        long count = 0;
        foreach (string line in ReadWhole(path))
        {
            onLine(line);
            wholeBytes += BytesOf(line);
            count++;
        }

        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        try
        {
            file.SetLength(wholeBytes);
            file.Position = wholeBytes;
            return new TrialLog(file, count);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The lines of a log that end; a torn last one is left out. None if there is no file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fromByte">Where to begin: behind a line, as <see cref="BytesOf"/> counts them.</param>
    internal static IEnumerable<string> ReadWhole(string path, long fromByte = 0)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
        stream.Position = fromByte;
        using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var line = new StringBuilder();
        char[] buffer = new char[1 << 14];
        for (int read; (read = reader.Read(buffer)) > 0;)
        {
            int start = 0;
            for (int end; (end = Array.IndexOf(buffer, '\n', start, read - start)) >= 0; start = end + 1)
            {
                yield return line.Append(buffer, start, end - start).ToString();
                line.Clear();
            }

            line.Append(buffer, start, read - start);
        }
    }

    /// <summary>What a line takes in the file.</summary>
    internal static long BytesOf(string line) => Encoding.UTF8.GetByteCount(line) + 1;

    /// <summary>Adds lines and has them on the disk when it returns.</summary>
    internal void Append(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        file.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        file.Flush(flushToDisk: true);
        Count += lines.Count;
    }

    public void Dispose() => file.Dispose();
}
