namespace RedLeafSharp.Tests.Cli;

/// <summary>A folder of the host that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("redleaf-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Writes a file and returns its full path.</summary>
    internal string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }
}
