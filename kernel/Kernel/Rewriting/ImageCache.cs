using System.Diagnostics.CodeAnalysis;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Rewritten images by the hash of their content, the longest unused ones dropped first. Safe from any thread.
/// </summary>
/// <param name="imagesMax">How many images are kept.</param>
internal sealed class ImageCache(int imagesMax)
{
    private readonly Lock cacheLock = new();
    private readonly Dictionary<UInt128, LinkedListNode<(UInt128 Key, RewrittenImage Image)>> byKey = [];
    private readonly LinkedList<(UInt128 Key, RewrittenImage Image)> byLastUse = [];

    internal int Count
    {
        get
        {
            lock (cacheLock)
            {
                return byKey.Count;
            }
        }
    }

    internal bool TryGet(UInt128 key, [NotNullWhen(true)] out RewrittenImage? image)
    {
        lock (cacheLock)
        {
            image = null;
            if (byKey.TryGetValue(key, out LinkedListNode<(UInt128 Key, RewrittenImage Image)>? node))
            {
                byLastUse.Remove(node);
                byLastUse.AddFirst(node);
                image = node.Value.Image;
            }

            return image is not null;
        }
    }

    /// <summary>Adds an image; of two threads that rewrote the same one, the first one's result stays.</summary>
    internal void Add(UInt128 key, RewrittenImage image)
    {
        lock (cacheLock)
        {
            if (byKey.ContainsKey(key))
            {
                return;
            }

            byKey.Add(key, byLastUse.AddFirst((key, image)));
            if (byKey.Count > imagesMax)
            {
                byKey.Remove(byLastUse.Last!.Value.Key);
                byLastUse.RemoveLast();
            }
        }
    }
}
