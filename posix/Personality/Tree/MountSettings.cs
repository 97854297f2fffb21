using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The setting <c>mounts</c>: which file systems there are beside the root's, and where they are mounted at first.</summary>
internal sealed class MountSettings(DomainServices services, PersonalityState state, SystemCalls calls)
{
    /// <summary>Offers and mounts what the setting names.</summary>
    /// <returns>False when something is wrong with it; that has been reported.</returns>
    public bool Apply(CallContext context)
    {
        if (!services.TryGetText("mounts", out string? text))
        {
            return true;
        }

        foreach (string entry in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split(':');
            if (parts.Length is not (2 or 3) || state.Mounts.FindOffer(parts[0]) is not null)
            {
                services.Report(Severity.Error, $"the setting 'mounts': '{entry}' is not DOMAIN:TYPE or DOMAIN:TYPE:PATH, or is there twice");
                return false;
            }

            state.Mounts.Offer(new FileSystemOffer(parts[0], parts[1], services.Require<IFileSystem>(parts[0])));
            Errno error = parts.Length == 3 ? calls.MountAtStart(context, parts[0], Ascii.ToBytes(parts[2])) : Errno.None;
            if (error != Errno.None)
            {
                services.Report(Severity.Error, $"{parts[0]} cannot be mounted on {parts[2]}: {error}");
                return false;
            }
        }

        return true;
    }
}
