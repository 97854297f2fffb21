using System.Reflection;
using RedLeafSharp.Safepoints;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Plants fault sites into a domain's image, so that the lab can crash the domain at any statement of its code.
/// </summary>
/// <remarks>
/// The planted code reads its trigger from a static field of the image itself. Each load of an image has its own statics, so
/// generations of one domain, and several systems in one process, are armed independently.
/// </remarks>
internal static class FaultSiteRewriter
{
    /// <summary>Plants a site before each statement, and nothing else.</summary>
    /// <param name="assembly">The PE image: IL only.</param>
    /// <param name="symbols">Its portable PDB; without it, sites have no lines.</param>
    /// <param name="file">What to call the image in messages.</param>
    /// <exception cref="ImageException">It is no image, not one of IL only, or damaged.</exception>
    internal static RewrittenImage Plant(byte[] assembly, byte[]? symbols, string file = "image") =>
        ImageRewriter.Rewrite(assembly, symbols, file, RewritePasses.FaultSites);

    /// <summary>Connects a loaded image with its trigger. Until then its sites do nothing.</summary>
    /// <param name="assembly">The image.</param>
    /// <param name="trigger">The trigger.</param>
    /// <param name="word">What tells its code that the trigger is armed; null for an image without safepoints, which always asks.</param>
    /// <exception cref="ArgumentException">The assembly was not rewritten.</exception>
    internal static void Bind(Assembly assembly, FaultTrigger trigger, PollWord? word = null)
    {
        FieldInfo field = assembly.GetType($"{FaultHolder.Namespace}.{FaultHolder.Name}")
            ?.GetField(FaultHolder.FieldName, BindingFlags.Static | BindingFlags.NonPublic)
            ?? throw new ArgumentException($"{assembly.GetName().Name} has no fault sites", nameof(assembly));
        field.SetValue(null, trigger);
        if (word is not null)
        {
            trigger.Tell(word);
        }
    }
}
