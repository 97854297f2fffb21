namespace RedLeafSharp.Cli.Host;

/// <summary>Where the domains are that were built with this command.</summary>
internal static class Domains
{
    internal static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "domains");
}
