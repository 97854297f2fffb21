namespace RedLeafSharp.Bench.Files;

/// <summary>A way to files, measured in turns with others.</summary>
internal interface IFilesPeer : IDisposable
{
    string Name { get; }

    /// <summary>Runs one phase; nanoseconds per operation, or null when the way does not have it.</summary>
    double? Measure(FilesPhase phase, int count);
}
