// Something that is the matter for a while: said once when it begins, and once when it is over.

export class Episode {
  private on = false;

  constructor(private readonly say: (message: string) => void) {}

  get isOn(): boolean {
    return this.on;
  }

  begin(message: string): void {
    if (this.on) return;
    this.on = true;
    this.say(message);
  }

  end(message: string): void {
    if (!this.on) return;
    this.on = false;
    this.say(message);
  }
}
